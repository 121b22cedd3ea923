"""The operators: one pair of hands each. They type one answer after the other, take breaks, and some vanish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatplatform.simulation.doors import Doors
from chatplatform.simulation.model import Break, Roster
from chatplatform.simulation.scripts import SILENCE_SECONDS
from chatplatform.simulation.talks import Talk
from chatplatform.simulation.timeline import Timeline
from operators.answering import NOTED_EVERY
from operators.models import Presence
from operators.selectors import PRESENT_SECONDS

# Each further conversation at hand makes every answer this much slower, and changing between two costs time.
SLOWER_PER_CONVERSATION = 0.05
SWITCH_SECONDS = 1.5
BEFORE_TYPING_SECONDS = 2.75  # reading
TYPING_NOTED_SECONDS = NOTED_EVERY.total_seconds()
SENDING_SECONDS = 1.0  # an answer whose draft is ready
FINISHING_SECONDS = 600.0  # before a break or the end of a shift: what runs is ended first, but no longer than this
FIRST_SECONDS, FOLLOW_UP_SECONDS = 20.0, 30.0


@dataclass(slots=True, eq=False)
class Job:
    """What the hands are at. ``started_at`` in seconds of the day."""

    talk: Talk
    is_closing: bool
    started_at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """What a day was, in seconds: at the desk and available, and reading or typing."""

    available: float
    busy: float


class Colleague:
    """One operator. ``offer_waiting`` is called when there is room again; ``on_reply`` when an answer was stored."""

    def __init__(
        self,
        roster: Roster,
        timeline: Timeline,
        doors: Doors,
        on_reply: Callable[[Talk], None],
        offer_waiting: Callable[[Roster], None],
    ) -> None:
        self.roster = roster
        self.held: dict[Talk, None] = {}
        self.is_connected = False
        self.is_working = False
        self.gone_since: float | None = None
        self.interrupted_replies = 0
        self._timeline = timeline
        self._doors = doors
        self._on_reply = on_reply
        self._offer_waiting = offer_waiting
        self._job: Job | None = None
        self._last: Talk | None = None
        self._drafts: dict[Talk, float] = {}
        self._after_finishing: Callable[[], None] | None = None
        self._available_since: float | None = None
        self._available = 0.0
        self._busy = 0.0

    def plan_day(self) -> None:
        self._timeline.at(self.roster.starts, self._begin_shift)
        for pause in self.roster.breaks:
            self._timeline.at(pause.at, lambda pause=pause: self._finish_then(lambda: self._begin_break(pause)))  # type: ignore[misc]
        absence = self.roster.vanishes
        if absence is not None:
            self._timeline.at(absence.at, lambda: self._vanish(absence))
        self._timeline.at(self.roster.ends, lambda: self._finish_then(self._go_home))

    @property
    def has_room(self) -> bool:
        """Offers may come: at the desk, available, below capacity."""
        return self._available_since is not None and len(self.held) < self.roster.capacity

    def work(self) -> Work:
        """So far."""
        return Work(self._available, self._busy)

    # Conversations come and go.

    def gain(self, talk: Talk) -> None:
        self.held[talk] = None
        is_hidden, seconds, is_woken = talk.script.overlooked(talk.holders)
        talk.hidden_until = self._timeline.now + seconds if is_hidden else 0.0
        talk.is_woken_by_warning = is_woken
        if is_hidden:
            self._timeline.after(seconds, self.look)
        self.look()

    def lose(self, talk: Talk) -> None:
        """Closed, or given to somebody else: the draft is kept, in case it comes back."""
        self.held.pop(talk, None)
        if self._job is not None and self._job.talk is talk:
            self.interrupted_replies += not self._job.is_closing
            self._stop_job()
        self._end_if_finished()
        self.look()

    def hear_warning(self, talk: Talk) -> None:
        if talk.is_woken_by_warning:
            talk.hidden_until = 0.0
        self.look()

    def look(self) -> None:
        """Takes up the most urgent thing, if the hands are free."""
        if self._job is not None or not (self.is_connected and self.is_working):
            return
        waiting = [talk for talk in self.held if self._sees(talk)]
        if waiting:
            talk = min(waiting, key=lambda one: (self._due_at(one), one.script.number))
            self._begin_job(talk, is_closing=False)
            return
        over = [talk for talk in self.held if self._may_close(talk)]
        if over:
            self._begin_job(min(over, key=lambda one: (one.changed_at, one.script.number)), is_closing=True)

    def _due_at(self, talk: Talk) -> float:
        """When the promise of the present turn ends: what an inbox is sorted by."""
        return (talk.unanswered_since or 0.0) + (FOLLOW_UP_SECONDS if talk.replies else FIRST_SECONDS)

    def _sees(self, talk: Talk) -> bool:
        return talk.unanswered_since is not None and talk.hidden_until <= self._timeline.now

    def _may_close(self, talk: Talk) -> bool:
        """The visitor was answered and has nothing more to say, or says nothing any more."""
        if talk.unanswered_since is not None:
            return False
        silent = self._timeline.now - talk.changed_at >= SILENCE_SECONDS
        return silent or (talk.is_finished and not talk.is_visitor_gone)

    # One thing at a time.

    def _begin_job(self, talk: Talk, *, is_closing: bool) -> None:
        turn = talk.script.turns[min(talk.turn, len(talk.script.turns) - 1)]
        seconds = talk.script.close_seconds if is_closing else turn.answer
        seconds *= self.roster.pace * (1 + SLOWER_PER_CONVERSATION * (len(self.held) - 1))
        if not is_closing:
            seconds = max(seconds - self._drafts.pop(talk, 0.0), SENDING_SECONDS)
        if self._last is not None and self._last is not talk:
            seconds += SWITCH_SECONDS
        self._last = talk
        job = self._job = Job(talk, is_closing, self._timeline.now, seconds)
        self._timeline.after(seconds, lambda: self._end_job(job))
        if not is_closing and not talk.replies:
            self._timeline.after(min(seconds / 2, BEFORE_TYPING_SECONDS), lambda: self._type(job))

    def _type(self, job: Job) -> None:
        """The platform hears of typing; it matters only before a first reply."""
        if self._job is job:
            self._doors.type(job.talk.script, self.roster)
            self._timeline.after(TYPING_NOTED_SECONDS, lambda: self._type(job))

    def _end_job(self, job: Job) -> None:
        if self._job is not job:
            return
        self._stop_job()
        talk = job.talk
        self._drafts.pop(talk, None)
        if job.is_closing:
            if self._may_close(talk) and self._doors.close(talk.script, self.roster):
                self._offer_waiting(self.roster)
        elif self._doors.reply(talk.script, self.roster):
            talk.unanswered_since = None
            talk.replies += 1
            talk.changed_at = self._timeline.now
            self._timeline.after(SILENCE_SECONDS, self.look)
            self._on_reply(talk)
        self.look()

    def _stop_job(self) -> None:
        """Done or interrupted; what was typed of an answer is kept."""
        job, self._job = self._job, None
        if job is not None:
            spent = self._timeline.now - job.started_at
            self._busy += spent
            if not job.is_closing:
                self._drafts[job.talk] = self._drafts.get(job.talk, 0.0) + spent

    # The day.

    def _begin_shift(self) -> None:
        self.is_connected = self.is_working = True
        self._doors.beat([self.roster])
        self._become_available()

    def _become_available(self) -> None:
        self._choose(Presence.State.AVAILABLE)
        self._available_since = self._timeline.now
        self._offer_waiting(self.roster)
        self.look()

    def _finish_then(self, then: Callable[[], None]) -> None:
        """No more offers; what runs is ended first, within bounds."""
        if not self.is_connected or not self.is_working:
            self._after_finishing = then
            return
        self._stop_being_available()
        self._choose(Presence.State.BUSY)
        self._after_finishing = then
        self._timeline.after(FINISHING_SECONDS, lambda: self._end_now(then))
        self._end_if_finished()

    def _end_if_finished(self) -> None:
        if self._after_finishing is not None and not self.held and self.is_connected and self.is_working:
            self._end_now(self._after_finishing)

    def _end_now(self, then: Callable[[], None]) -> None:
        if self._after_finishing is then:
            self._after_finishing = None
            self._stop_job()
            then()

    def _begin_break(self, pause: Break) -> None:
        self.is_working = False
        self._choose(Presence.State.ON_BREAK)
        self._note_gone()
        self._timeline.after(pause.seconds, self._end_break)

    def _end_break(self) -> None:
        self.is_working = True
        self.gone_since = None
        if self._after_finishing is not None:  # the shift ended meanwhile
            self._end_now(self._after_finishing)
            return
        self._become_available()

    def _go_home(self) -> None:
        self._choose(Presence.State.AWAY)
        self.is_connected = self.is_working = False
        self._note_gone()

    def _vanish(self, absence: Break) -> None:
        """Without a word: the last heartbeat was a moment ago."""
        if self._available_since is None:
            return
        self._doors.beat([self.roster])
        self._stop_being_available()
        self._stop_job()
        self.is_connected = False
        self._note_gone()
        self._timeline.after(absence.seconds, self._return)

    def _return(self) -> None:
        """The desk reconnects: the state that was chosen before still stands."""
        self.is_connected = True
        self.gone_since = None
        self._doors.beat([self.roster])
        if self._after_finishing is not None:
            self._finish_then(self._after_finishing)
        elif self.is_working:
            self._become_available()
        self.look()

    def _note_gone(self) -> None:
        """Neither working nor, perhaps, connected: the timeline stops once when the platform may notice."""
        self.gone_since = self._timeline.now
        self._timeline.after(PRESENT_SECONDS, lambda: None)

    def _stop_being_available(self) -> None:
        if self._available_since is not None:
            self._available += self._timeline.now - self._available_since
            self._available_since = None

    def _choose(self, state: Presence.State) -> None:
        self._doors.choose_presence(self.roster, state)
