"""A day on which the clocks change, with a conversation of each kind, made by the real services at their hours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from conversations.frames import Page
from conversations.models import ContactRequest, Conversation, Promise, Specialist, Visitor
from conversations.services import closing, escalating
from conversations.services.endings import NOTHING_NOTED, Noted
from conversations.services.locks import lock_conversation
from conversations.services.supervising import take_over
from conversations.services.writing import leave_contact_request
from knowledgebase.content import Content, TextContent
from knowledgebase.models import Feedback, Gap, Suggested, UnansweredTurn
from knowledgebase.services.articles import Editor, save_article
from operators.selectors import OperatorRef
from ratings.models import Ask
from ratings.selectors import day_start
from ratings.services import answer_question, give_rating, note_shown
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.selectors import website_by_key
from tests.cast import VisitorHere, visitor_of
from tests.conversations.scene import answered, append, asked, conversation_row, lay_conversation, receive
from tests.ratings.rows import a_conversation, a_mark, a_promise

ZONE = "Europe/Amsterdam"


def last_day_of(hours: int) -> date:
    """The latest day, over for a week at least, that had so many hours."""
    day = datetime.now(UTC).date() - timedelta(days=7)
    while day_start(ZONE, day + timedelta(days=1)).astimezone(UTC) - day_start(ZONE, day).astimezone(UTC) != timedelta(
        hours=hours
    ):
        day -= timedelta(days=1)
    return day


@contextmanager
def at(day: date, clock: str, later: float = 0, *, fold: int = 0) -> Iterator[None]:
    """This connection's clock shows that local time, ``later`` seconds on."""
    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo(ZONE)).replace(fold=fold)
    with clock_moved(local.astimezone(UTC) + timedelta(seconds=later) - platform_now()):
        yield


class Day:
    """Olga and Omar at work on that day."""

    def __init__(self, organisation: OrganisationRef, day: date, olga: OperatorRef, omar: OperatorRef) -> None:
        self.organisation, self.day, self.olga, self.omar = organisation, day, olga, omar

    def talk(self, clock: str, *waits: float, fold: int = 0) -> tuple[VisitorHere, Conversation]:
        """Each question is asked a minute after the answer before it, and answered by Olga after so many seconds."""
        visitor = visitor_of(self.organisation)
        with at(self.day, clock, fold=fold):
            talk = lay_conversation(self.organisation, operator=self.olga, visitor_id=visitor.id)
        in_organisation(self.organisation, _on_the_shop, talk.id)
        later = 0.0
        for wait in waits:
            self.turn(talk, clock, wait, later, fold=fold)
            later += 60 + wait
        return visitor, talk

    def turn(
        self,
        talk: Conversation,
        clock: str,
        wait: float,
        later: float = 0,
        *,
        by: OperatorRef | None = None,
        fold: int = 0,
    ) -> None:
        with at(self.day, clock, later, fold=fold):
            append(self.organisation, asked(talk))
        with at(self.day, clock, later + wait, fold=fold):
            append(self.organisation, answered(talk, by or self.olga))

    def close(
        self,
        talk: Conversation,
        clock: str,
        noted: Noted = NOTHING_NOTED,
        *,
        by: OperatorRef | None = None,
        fold: int = 0,
    ) -> None:
        with at(self.day, clock, fold=fold):
            in_organisation(
                self.organisation, closing.close_conversation, by or self.olga, talk.id, uuid4(), "problem", noted
            )

    def see(self, visitor: VisitorHere, talk: Conversation, clock: str) -> None:
        with at(self.day, clock):
            in_organisation(self.organisation, note_shown, visitor_id=visitor.id, conversation_id=talk.id)

    def rate(
        self, visitor: VisitorHere, talk: Conversation, day: date, clock: str, mark: int, value: int | None = None
    ) -> None:
        """The mark, and this answer to all that was asked beside it."""
        who: dict[str, Any] = {"visitor_id": visitor.id, "conversation_id": talk.id}
        with at(day, clock):
            in_organisation(self.organisation, give_rating, cid=uuid4(), mark=mark, **who)
            if value is not None:
                for question in in_organisation(self.organisation, _questions, talk.id):
                    in_organisation(
                        self.organisation, answer_question, cid=uuid4(), question=question, answer=value, **who
                    )


def _on_the_shop(organisation: OrganisationRef, conversation_id: UUID) -> None:
    """Where its visitor writes again."""
    website = website_by_key(organisation, "shop")
    Conversation.objects.filter(pk=conversation_id).update(website_id=website.id)


def _questions(_organisation: OrganisationRef, conversation_id: UUID) -> list[str]:
    return list(Ask.objects.get(conversation_id=conversation_id).questions)


def play(day: Day) -> tuple[VisitorHere, Conversation]:
    """The whole day; returns whoever gives a mark later, and what about."""
    _quick_ones(day)
    _difficult_ones(day)
    _silent_ones(day)
    in_organisation(day.organisation, _rows, day.day)
    return _over_midnight(day)


def _quick_ones(day: Day) -> None:
    visitor, quick = day.talk("00:00", 8, 10)
    day.close(quick, "00:05", Noted(lead=True, mood_start=0, mood_end=2))
    day.see(visitor, quick, "00:05:02")
    day.rate(visitor, quick, day.day, "00:05:10", 9, 3)
    for number, wait in enumerate((3, 5.5, 7, 11, 19, 26)):  # of which one is late
        visitor, talk = day.talk(f"08:{number:02}", wait, 4 + number)
        day.close(talk, f"08:{number + 10}", Noted(lead=number == 0))
        day.see(visitor, talk, f"08:{number + 11}")
        if number != 3:
            day.rate(visitor, talk, day.day, f"08:{number + 12}", 5 + number % 5, 1 + number % 3)
    for fold in (0, 1):  # in autumn the hour comes twice
        _visitor, unseen = day.talk("02:30" if _has(day.day, "02:30") else "03:30", 9, fold=fold)
        day.close(unseen, "03:45")


def _has(day: date, clock: str) -> bool:
    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo(ZONE))
    return local.astimezone(UTC).astimezone(ZoneInfo(ZONE)).replace(tzinfo=None) == local.replace(tzinfo=None)


def _difficult_ones(day: Day) -> None:
    visitor, reopened = day.talk("09:00", 45)
    day.close(reopened, "09:10")
    day.see(visitor, reopened, "09:11")
    day.rate(visitor, reopened, day.day, "09:12", 4, 1)
    with at(day.day, "09:20"):
        receive(visitor, "And another thing")
    assert conversation_row(day.organisation, reopened.id).state != Conversation.State.CLOSED
    with at(day.day, "09:20:20"):
        in_organisation(day.organisation, take_over, day.olga, reopened.id, uuid4())
    with at(day.day, "09:20:50"):
        append(day.organisation, answered(reopened, day.olga))
    day.close(reopened, "09:30")

    visitor, transferred = day.talk("10:00", 12)
    with at(day.day, "10:05"):
        in_organisation(day.organisation, take_over, day.omar, transferred.id, uuid4())
    day.turn(transferred, "10:06", 29, by=day.omar)
    day.close(transferred, "10:10", by=day.omar)
    day.see(visitor, transferred, "10:11")

    visitor, escalated = day.talk("11:00", 6)
    with at(day.day, "11:02"):
        append(day.organisation, asked(escalated))
    with at(day.day, "11:02:10"):
        handed = in_organisation(
            day.organisation, escalating.escalate_conversation, day.olga, escalated.id, uuid4(),
            specialist_id=None, topic="", reason="A hard one", summary="",
        )  # fmt: skip
    with at(day.day, "11:30"):
        in_organisation(day.organisation, escalating.withdraw_escalation, day.olga, escalated.id, handed.id)
    with at(day.day, "11:30:05"):
        append(day.organisation, answered(escalated, day.olga))
    day.close(escalated, "11:40", Noted(lead=False, mood_end=-2))
    day.rate(visitor, escalated, day.day, "11:41", 2, 1)


def _silent_ones(day: Day) -> None:
    for clock, left_at in (("12:00", "12:00:10"), ("12:10", "12:15")):
        visitor, talk = day.talk(clock)
        with at(day.day, clock):
            append(day.organisation, asked(talk))
        with at(day.day, left_at):
            in_organisation(day.organisation, closing.leave_conversation, visitor.id, talk.id, uuid4())
    for waits in ((13,), ()):
        _visitor, talk = day.talk("13:00", *waits)
        with at(day.day, "15:00"):
            in_organisation(day.organisation, _close_by_itself, talk.id)
    with at(day.day, "04:40"):
        in_organisation(
            day.organisation, leave_contact_request, token=visitor_of(day.organisation).token, page=Page(),
            website=website_by_key(day.organisation, "shop"), language="en", cid=uuid4(), name="", body="At night?",
            email="vera@example.com",
        )  # fmt: skip


def _close_by_itself(organisation: OrganisationRef, conversation_id: UUID) -> None:
    with transaction.atomic():
        closing.close_by_itself(organisation, lock_conversation(conversation_id))


def _over_midnight(day: Day) -> tuple[VisitorHere, Conversation]:
    visitor, late = day.talk("23:58", 125)
    with at(day.day + timedelta(days=1), "00:10"):
        in_organisation(day.organisation, closing.close_conversation, day.olga, late.id, uuid4(), "advice")
    return visitor, late


def _rows(organisation: OrganisationRef, day: date) -> None:
    """What services take long for, and what lies just outside of the day."""
    start, end = (day_start(ZONE, one).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    noon = end - timedelta(hours=12)
    slept = a_conversation(organisation, noon, first_replied_at=noon + timedelta(seconds=12))
    a_promise(slept, 1, "first", noon, "kept", 12.0)
    # It waited over a closed night, of which 90 minutes do not count.
    Promise.objects.filter(conversation_id=slept).update(
        paused_seconds=5400, due_at=noon + timedelta(seconds=5420), answered_at=noon + timedelta(seconds=5412)
    )
    for outside, mark in ((start - timedelta(seconds=1), 1), (end, 10)):
        talk = a_conversation(organisation, outside, first_replied_at=outside)
        a_promise(talk, 1, "first", outside, "broken", 999.0)
        a_mark(talk, mark, noon)
        UnansweredTurn.objects.create(conversation_id=talk, seq=1, language="en", question="Why?", at=noon)
    ContactRequest.objects.create(
        visitor=Visitor.objects.create(), cid=uuid4(), reason="closing_time", body="?", website_key="shop",
        language="en", created_at=noon,
    )  # fmt: skip
    article = save_article(Editor(None, "Mia"), None, Content(slug=f"a-{day}", texts={"en": TextContent("A title")}))
    for seq, outcome in ((1, "used"), (3, "found"), (5, "none")):
        Suggested.objects.create(conversation_id=slept, seq=seq, language="en", outcome=outcome, at=noon)
    UnansweredTurn.objects.create(conversation_id=slept, seq=1, language="en", question="Why?", at=end)
    for kind, when in (
        ("helped", start), ("helped", noon), ("did_not_help", end - timedelta(seconds=1)), ("wrong", noon),
        ("helped", end), ("did_not_help", start - timedelta(seconds=1)),
    ):  # fmt: skip
        Feedback.objects.create(article=article, cid=uuid4(), kind=kind, version=1, at=when)
    gap = Gap.objects.create(language="en", question="Why?", first_at=noon, last_at=noon)
    for first_at, state, into in ((noon, "merged", gap), (noon, "dismissed", None), (end, "open", None)):
        Gap.objects.create(
            language="en", question="Why?", first_at=first_at, last_at=end, state=state, merged_into=into
        )


def hire_specialist(_organisation: OrganisationRef) -> None:
    Specialist.objects.create(name="Greta", email="greta@slowly.example", position=1)
