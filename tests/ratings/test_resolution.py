"""Solved at the first contact: said, inferred, or not recorded; and who took part."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from conversations.models import Conversation, Entry
from ratings.models import Answer, Ask
from ratings.participation import Part, parts_in
from ratings.resolution import FirstContact, Resolution, first_contact, first_contacts
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tests.cast import VisitorHere, acme, visitor_of
from tests.ratings.rows import a_conversation, an_ask

ENDED = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("answer", "topic", "returned", "now", "told"),
    [
        (3, "delivery", ENDED + DAY, ENDED + 2 * DAY, (Resolution.SOLVED, True)),
        (2, "", None, ENDED, (Resolution.PARTLY, True)),
        (1, "", None, ENDED + 9 * DAY, (Resolution.NOT_SOLVED, True)),
        (None, "delivery", ENDED + 7 * DAY, ENDED + 8 * DAY, (Resolution.NOT_SOLVED, False)),
        (None, "delivery", ENDED + 7 * DAY + timedelta(seconds=1), ENDED + 8 * DAY, (Resolution.SOLVED, False)),
        (None, "delivery", None, ENDED + 7 * DAY, (Resolution.NOT_RECORDED, False)),
        (None, "delivery", None, ENDED + 7 * DAY + timedelta(seconds=1), (Resolution.SOLVED, False)),
        (None, "", None, ENDED + 30 * DAY, (Resolution.NOT_RECORDED, False)),
    ],
)
def test_what_was_said_counts_and_else_a_return_within_seven_days(
    answer: int | None, topic: str, returned: datetime | None, now: datetime, told: tuple[Resolution, bool]
) -> None:
    assert first_contact(answer, topic, ENDED, returned, now) == FirstContact(*told)


def test_a_conversation_that_still_runs_is_not_recorded() -> None:
    assert first_contact(None, "delivery", None, None, ENDED) == FirstContact(Resolution.NOT_RECORDED, False)


def talked(vera: VisitorHere, topic: str, ago: timedelta) -> UUID:
    def make(organisation: OrganisationRef) -> UUID:
        conversation_id = a_conversation(organisation, platform_now() - ago, visitor_id=vera.id)
        Conversation.objects.filter(pk=conversation_id).update(topic=topic)
        return conversation_id

    return in_organisation(acme(), make)


def test_a_return_is_of_the_same_visitor_on_the_same_topic() -> None:
    vera, other = visitor_of(acme()), visitor_of(acme())
    came_back, elsewhere = talked(vera, "delivery", 20 * DAY), talked(vera, "returns", 19 * DAY)
    again, strangers = talked(vera, "delivery", 15 * DAY), talked(other, "returns", 16 * DAY)
    recent = talked(other, "delivery", DAY)

    def answer(_organisation: OrganisationRef) -> None:
        ask = an_ask(again, platform_now(), ["expectation", "solved"])
        Answer.objects.create(ask=ask, question="solved", value=2, given_at=platform_now())
        skipped = an_ask(elsewhere, platform_now(), ["solved"])
        Answer.objects.create(ask=skipped, question="solved", value=None, given_at=platform_now())

    in_organisation(acme(), answer)
    found = in_organisation(acme(), first_contacts, [came_back, elsewhere, again, strangers, recent])

    assert {key: (one.resolution, one.is_said) for key, one in found.items()} == {
        came_back: (Resolution.NOT_SOLVED, False),
        elsewhere: (Resolution.SOLVED, False),
        again: (Resolution.PARTLY, True),
        strangers: (Resolution.SOLVED, False),
        recent: (Resolution.NOT_RECORDED, False),
    }


def test_shares_are_of_turns_and_several_messages_in_a_row_are_one() -> None:
    olga, omar, stan = sorted(uuid4() for _ in range(3))
    vera = visitor_of(acme())
    said = [
        ("visitor", vera.id), ("automatic", None), ("operator", olga), ("operator", olga), ("visitor", vera.id),
        ("operator", olga), ("operator", omar), ("visitor", vera.id), ("specialist", stan), ("operator", omar),
    ]  # fmt: skip
    spoken, silent = talked(vera, "", DAY), talked(vera, "", DAY)

    def speak(_organisation: OrganisationRef) -> None:
        for seq, (kind, person) in enumerate(said, start=1):
            Entry.objects.create(
                conversation_id=spoken,
                seq=seq,
                kind="message.sent",
                sender_kind=kind,
                sender_id=person,
                body="x",
                at=platform_now(),
            )

    in_organisation(acme(), speak)

    assert in_organisation(acme(), parts_in, [spoken, silent]) == {
        spoken: [Part("operator", olga, 2, 0.4), Part("operator", omar, 2, 0.4), Part("specialist", stan, 1, 0.2)]
    }


def test_what_was_asked_is_erased_with_its_conversation() -> None:
    conversation_id = talked(visitor_of(acme()), "", DAY)

    def erase(_organisation: OrganisationRef) -> tuple[int, int]:
        ask = an_ask(conversation_id, platform_now(), ["solved"])
        Answer.objects.create(ask=ask, question="solved", value=3, given_at=platform_now())
        Conversation.objects.get(pk=conversation_id).delete()
        return Ask.objects.filter(pk=ask.pk).count(), Answer.objects.filter(ask_id=ask.pk).count()

    assert in_organisation(acme(), erase) == (0, 0)
