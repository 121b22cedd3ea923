"""One dialogue being played: what both of its sides know, and when what was sent."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatplatform.replay.comparison import Sent
from chatplatform.replay.dialogues import Dialogue
from chatplatform.replay.thread import Thread


@dataclass(frozen=True, slots=True)
class Site:
    """A measuring organisation: its short name, its host, and the key of its one website."""

    slug: str
    host: str
    website: str


@dataclass(slots=True, eq=False)
class Play:
    """``cids`` are made beforehand, one per turn, so that a resent message stays the same message."""

    dialogue: Dialogue
    site: Site
    cids: list[str] = field(default_factory=list)
    sent_at: dict[int, float] = field(default_factory=dict)
    conversation: str | None = None
    token: str | None = None
    closing_cid: str = field(default_factory=lambda: str(uuid.uuid4()))
    rating_cid: str = field(default_factory=lambda: str(uuid.uuid4()))
    seen_by_visitor: set[str] = field(default_factory=set)
    is_rated: bool = False
    is_finished: bool = False

    def __post_init__(self) -> None:
        self.cids = [str(uuid.uuid4()) for _ in self.dialogue.turns]

    def position(self, thread: Thread) -> int:
        """The turn after the last one that stands in ``thread``."""
        known = {fact["cid"] for fact in thread.facts if fact["type"] == "message.sent"}
        return max((position + 1 for position, cid in enumerate(self.cids) if cid in known), default=0)

    def sent(self) -> Sequence[Sent]:
        return [Sent(cid, turn.sender, turn.text) for cid, turn in zip(self.cids, self.dialogue.turns, strict=True)]


@dataclass(slots=True)
class Measured:
    """Seconds, as the people at both ends would have counted them."""

    delivery: list[float] = field(default_factory=list)
    first_screen: list[float] = field(default_factory=list)
    first_reply: list[float] = field(default_factory=list)


class Plays:
    """All dialogues of a run, found again by any of their messages."""

    def __init__(self) -> None:
        self.measured = Measured()
        self.all: list[Play] = []
        self._by_cid: dict[str, tuple[Play, int]] = {}
        self.delivered: set[str] = set()

    def add(self, play: Play) -> None:
        self.all.append(play)
        self._by_cid.update({cid: (play, position) for position, cid in enumerate(play.cids)})

    def find(self, cid: str | None) -> tuple[Play, int] | None:
        return self._by_cid.get(cid or "")

    def of(self, thread: Thread) -> Play | None:
        """The play whose messages stand in ``thread``: the first message decides."""
        for fact in thread.facts:
            if fact["type"] == "message.sent" and (found := self.find(fact["cid"])) is not None:
                return found[0]
        return None
