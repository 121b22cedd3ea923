"""The visitors: they come, write, wait, write again, give up."""

from collections.abc import Callable

from chatplatform.simulation.doors import Doors
from chatplatform.simulation.talks import Talk
from chatplatform.simulation.timeline import Timeline
from conversations.errors import ClosedHours, ConversationClosed

FAST_PATH_SECONDS = 0.1  # from a first message's commit to the task that offers it


class Visitors:
    """``on_message`` hears that a visitor wrote; ``turned_away`` counts those who came and found it closed."""

    def __init__(self, timeline: Timeline, doors: Doors, on_message: Callable[[Talk], None]) -> None:
        self._timeline = timeline
        self._doors = doors
        self._on_message = on_message
        self.turned_away = 0

    def expect(self, talk: Talk) -> None:
        self._timeline.at(talk.script.at, lambda: self._speak(talk))

    def hear_answer(self, talk: Talk) -> None:
        """An operator's reply is on the page."""
        if talk.is_visitor_gone or talk.is_next_turn_planned or talk.turn + 1 >= len(talk.script.turns):
            return
        talk.is_next_turn_planned = True
        self._timeline.after(talk.script.turns[talk.turn + 1].after, lambda: self._next_turn(talk))

    def _next_turn(self, talk: Talk) -> None:
        talk.is_next_turn_planned = False
        talk.turn += 1
        self._speak(talk)

    def _speak(self, talk: Talk) -> None:
        turn = talk.script.turns[talk.turn]
        number = talk.turn
        self._write(talk)
        if talk.is_visitor_gone:
            return
        if turn.burst is not None:
            self._timeline.after(turn.burst, lambda: self._write_more(talk, number))
        since = talk.unanswered_since
        self._timeline.after(turn.patience, lambda: self._lose_patience(talk, since))

    def _write_more(self, talk: Talk, turn: int) -> None:
        """The second message of a burst, unless the conversation has gone on meanwhile."""
        if talk.turn == turn and talk.is_open and not talk.is_visitor_gone:
            self._write(talk)

    def _write(self, talk: Talk) -> None:
        talk.changed_at = self._timeline.now
        if talk.unanswered_since is None:
            talk.unanswered_since = self._timeline.now
        try:
            if talk.is_open:
                self._doors.say(talk.script)
            else:
                self._begin(talk)
        except (ClosedHours, ConversationClosed):
            self.turned_away += 1
            talk.is_visitor_gone = True
            talk.unanswered_since = None
            return
        self._on_message(talk)

    def _begin(self, talk: Talk) -> None:
        """A first message, or one that reopens what the operator has closed."""
        talk.is_open = talk.is_said = True
        conversation_id, needs_operator = self._doors.receive(talk.script)
        if needs_operator:
            schema_name = self._doors.schema_of(talk.script.client)
            self._timeline.after(FAST_PATH_SECONDS, lambda: self._doors.offer(schema_name, conversation_id))

    def _lose_patience(self, talk: Talk, since: float | None) -> None:
        """Still waiting for the answer to that very turn: half of them end it, the others are just gone."""
        if since is None or talk.unanswered_since != since or talk.is_visitor_gone or not talk.is_open:
            return
        talk.is_visitor_gone = True
        if talk.script.says_so:
            self._doors.leave(talk.script)
