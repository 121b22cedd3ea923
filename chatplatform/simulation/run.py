"""One simulated day under one rule: people, platform and sweeps on one timeline."""

import math
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from chatplatform.simulation.clock import set_time
from chatplatform.simulation.doors import Doors
from chatplatform.simulation.model import HOUR, Day, Roster
from chatplatform.simulation.operators import Colleague, Work
from chatplatform.simulation.scripts import make_script
from chatplatform.simulation.talks import Talk
from chatplatform.simulation.timeline import Timeline
from chatplatform.simulation.visitors import FAST_PATH_SECONDS, Visitors
from conversations.events import InboxEntry
from operators.selectors import PRESENT_SECONDS
from tenants.realtime import published_to

BEAT_SECONDS = 40.0  # presence must not expire; what comes oftener would change nothing
SWEEP_SECONDS = 1.0
GONE_SWEEPS = 5  # so many may look at a vanished operator's conversation; one is enough unless nobody can have it
GOES_ON_SECONDS = 900.0  # after the last shift and the last closing time
PROGRESS_HOURS = 1.0


@dataclass(frozen=True, slots=True)
class Lived:
    """What the people know of the day; the rest is in the database. ``work`` by operator's number."""

    talks: list[Talk]
    work: dict[int, Work]
    interrupted_replies: int
    turned_away: int
    sweeps: int


class Run:
    """``report`` is told how far it is, once per simulated hour."""

    def __init__(self, day: Day, report: Callable[[str], None]) -> None:
        self._day = day
        self._report = report
        self._timeline = Timeline(set_time)
        self._doors = Doors(self._hear_inbox, self._hear_warning)
        self._visitors = Visitors(self._timeline, self._doors, self._hear_visitor)
        scripts = [make_script(day.seed, number, at, client) for number, (at, client) in enumerate(day.arrivals)]
        self._talks = {script.id: Talk(script) for script in scripts}
        self._colleagues = {
            roster.id: Colleague(roster, self._timeline, self._doors, self._visitors.hear_answer, self._offer_waiting)
            for roster in day.rosters
        }
        self._waiting: dict[Talk, None] = {}
        self.ends = GOES_ON_SECONDS + max(
            *(roster.ends for roster in day.rosters), *(client.closes for client in day.clients)
        )
        self._sweep_at = math.inf
        self._sweeps = 0

    def live(self) -> Lived:
        """The whole day. Minutes of real time for thousands of conversations."""
        random.seed(f"{self._day.seed} platform")  # sweeps shuffle what is due
        set_time(0)
        for talk in self._talks.values():
            self._visitors.expect(talk)
        for colleague in self._colleagues.values():
            colleague.plan_day()
        first = min(roster.starts for roster in self._day.rosters)
        self._timeline.at(first, self._beat)
        self._timeline.at(first, self._tell)
        with published_to(self._doors.hear):
            self._timeline.run(self.ends, self._plan_sweep)
        return Lived(
            talks=list(self._talks.values()),
            work={one.roster.number: one.work() for one in self._colleagues.values()},
            interrupted_replies=sum(one.interrupted_replies for one in self._colleagues.values()),
            turned_away=self._visitors.turned_away,
            sweeps=self._sweeps,
        )

    # What the desks hear.

    def _hear_inbox(self, entry: InboxEntry) -> None:
        talk = self._talks[entry.conversation]
        talk.is_open = entry.state != "closed"
        if entry.state == "waiting":
            self._waiting[talk] = None
        else:
            self._waiting.pop(talk, None)
        holder = self._colleagues[entry.operator] if entry.operator and talk.is_open else None
        if holder is talk.holder:
            return
        before, talk.holder = talk.holder, holder
        if before is not None:
            before.lose(talk)
        if holder is not None:
            talk.holders += 1
            holder.gain(talk)

    def _hear_warning(self, conversation_id: uuid.UUID) -> None:
        talk = self._talks[conversation_id]
        if talk.holder is not None:
            talk.holder.hear_warning(talk)

    def _hear_visitor(self, talk: Talk) -> None:
        if talk.holder is not None:
            talk.holder.look()

    def _offer_waiting(self, roster: Roster) -> None:
        for schema_name, conversation_id in self._doors.offer_to(roster):
            self._timeline.after(
                FAST_PATH_SECONDS,
                lambda schema=schema_name, id_=conversation_id: self._doors.offer(schema, id_),  # type: ignore[misc]
            )

    # What goes on by itself.

    def _beat(self) -> None:
        self._doors.beat([one.roster for one in self._colleagues.values() if one.is_connected])
        self._timeline.after(BEAT_SECONDS, self._beat)

    def _tell(self) -> None:
        done = sum(talk.is_said and not talk.is_open for talk in self._talks.values())
        self._report(f"{int(self._timeline.now // HOUR):02}:00, {done} of {len(self._talks)} conversations are over")
        self._timeline.after(PROGRESS_HOURS * HOUR, self._tell)

    def _plan_sweep(self) -> None:
        """A sweep passes every second; those that would find nothing are left out."""
        due = self._doors.next_due(with_offers=self._is_an_offer_possible())
        if any(self._is_left_alone(one) for one in self._colleagues.values()):
            due = self._timeline.now if due is None else min(due, self._timeline.now)
        if due is None:
            return
        tick = max(math.ceil(due / SWEEP_SECONDS), math.floor(self._timeline.now / SWEEP_SECONDS) + 1) * SWEEP_SECONDS
        if tick < self._sweep_at:
            self._sweep_at = tick
            self._timeline.at(tick, lambda: self._sweep(tick))

    def _is_an_offer_possible(self) -> bool:
        """Offers come to nothing while nobody who is trained for a waiting client has room."""
        free = [one.roster for one in self._colleagues.values() if one.has_room]
        return any(talk.script.client.number in roster.clients for talk in self._waiting for roster in free)

    def _is_left_alone(self, colleague: Colleague) -> bool:
        """Somebody waits for an operator who is gone, and that may just have become something for the sweep."""
        if colleague.gone_since is None:
            return False
        noticed_at = colleague.gone_since + PRESENT_SECONDS
        return any(
            talk.unanswered_since is not None
            and 0 <= self._timeline.now - max(noticed_at, talk.changed_at) <= GONE_SWEEPS * SWEEP_SECONDS
            for talk in colleague.held
        )

    def _sweep(self, tick: float) -> None:
        if tick != self._sweep_at:
            return
        self._sweep_at = math.inf
        self._sweeps += 1
        self._doors.sweep()
