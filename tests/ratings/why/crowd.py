"""Many rated conversations at once, whose marks follow a known rule."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from conversations.models import Conversation, Entry, Promise, Visitor
from ratings.models import Answer, Ask, Rating
from tenants.context import OrganisationRef
from tenants.identifiers import uuid7

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAYS = 10
OPERATOR = UUID(int=7)


@dataclass(frozen=True)
class Visit:
    """What was written to the database of one of them."""

    id: UUID
    topic: str
    purpose: str
    mark: int
    trust: int | None
    expectation: int


def crowd(_organisation: OrganisationRef, size: int, seed: int = 1) -> list[Visit]:
    """``size`` conversations over ten days from ``START``. Marks fall with the wait for the first reply: by 1.5
    from 20 s to 40 s, whatever else. One page is a visitor's attack, one topic has three ratings."""
    chance = random.Random(seed)
    visits, rows = [], _Rows()
    for number in range(size):
        at = START + timedelta(days=number % DAYS, minutes=chance.randrange(600))
        waited = chance.choice([10.0, 15.0, 20.0, 30.0, 40.0, 60.0]) + chance.random()
        mark = min(max(round(8.5 - 0.075 * (waited - 20) + chance.gauss(0, 1.2)), 1), 10)
        topic = "rare" if number < 3 else chance.choice(["delivery", "returns"])
        visit = Visit(
            id=uuid7(),
            topic=topic,
            purpose=chance.choice(["problem", "information"]),
            mark=mark,
            trust=chance.choice([None, 3, 4, 5]),
            expectation=chance.choice([1, 2, 2, 3, 3]),
        )
        visits.append(visit)
        rows.add(visit, at, waited, "https://a.example/<img src=x onerror=alert(1)>" if number % 20 == 0 else "")
    rows.store()
    return visits


class _Rows:
    def __init__(self) -> None:
        self.visitor = Visitor.objects.create()
        self.conversations: list[Conversation] = []
        self.promises: list[Promise] = []
        self.entries: list[Entry] = []
        self.ratings: list[Rating] = []
        self.asks: list[Ask] = []
        self.answers: list[Answer] = []

    def add(self, visit: Visit, at: datetime, waited: float, page: str) -> None:
        end, answered_at = at + timedelta(minutes=5), at + timedelta(seconds=waited)
        conversation = Conversation(
            id=visit.id, visitor=self.visitor, website_id=uuid7(), website_key="shop", language="en",
            topic=visit.topic, purpose=visit.purpose, page_url=page, state="closed", opened_at=at, last_entry_at=end,
            closed_at=end, first_replied_at=answered_at, rating_requested_at=end,
        )  # fmt: skip
        promise = Promise(
            conversation=conversation, kind="first", opened_seq=1, opened_at=at, warn_at=at, answered_at=answered_at,
            due_at=at + timedelta(seconds=20), settled_at=answered_at, waited_seconds=waited,
            outcome="kept" if waited <= 20 else "broken",
        )  # fmt: skip
        reply = Entry(
            conversation=conversation, seq=2, kind="message.sent", sender_kind="operator", sender_id=OPERATOR, at=at
        )
        ask = Ask(
            conversation=conversation, language="en", questions=["trust"], asked_at=end, shown_at=end, way="thread",
            open_until=end,
        )  # fmt: skip
        self.conversations.append(conversation)
        self.promises.append(promise)
        self.entries.append(reply)
        self.ratings.append(Rating(conversation=conversation, mark=visit.mark, given_at=end))
        self.asks.append(ask)
        self.answers.append(Answer(ask=ask, question="expectation", value=visit.expectation, given_at=end))
        if visit.trust:
            self.answers.append(Answer(ask=ask, question="trust", value=visit.trust, given_at=end))

    def store(self) -> None:
        Conversation.objects.bulk_create(self.conversations)
        Promise.objects.bulk_create(self.promises)
        Entry.objects.bulk_create(self.entries)
        Rating.objects.bulk_create(self.ratings)
        Ask.objects.bulk_create(self.asks)
        Answer.objects.bulk_create(self.answers)
