"""What a visitor is asked when a conversation ends, and that it is stored whether or not they ever see it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from conversations.models import Conversation, Entry
from conversations.services.closing import close_by_itself, close_conversation, leave_conversation
from conversations.services.locks import lock_conversation
from ratings.asking import factors_in
from ratings.models import Ask, AskSettings, FactorChoice
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme, olga
from tests.conversations.scene import answered, append, asked, kinds_of, lay_conversation


def end(conversation: Conversation) -> None:
    in_organisation(acme(), close_conversation, olga(), conversation.id, uuid4(), "information")


def a_talk(language: str = "en") -> Conversation:
    conversation = lay_conversation(acme(), operator=olga())
    rows = Conversation.objects.filter(pk=conversation.id)
    in_organisation(acme(), lambda _: rows.update(language=language))
    append(acme(), asked(conversation), answered(conversation, olga()))
    return conversation


def asks_of(conversation: Conversation) -> list[Ask]:
    return in_organisation(acme(), lambda _: list(Ask.objects.filter(conversation=conversation)))


def told(conversation: Conversation) -> list[dict[str, Any]]:
    """What each request of this conversation told the visitor."""
    rows = Entry.objects.filter(conversation=conversation, kind=Entry.Kind.RATING_REQUESTED).order_by("seq")
    return in_organisation(acme(), lambda _: list(rows.values_list("payload", flat=True)))


def test_the_end_of_a_conversation_asks_two_factors_between_the_expectation_and_whether_it_is_solved() -> None:
    conversation = a_talk()

    end(conversation)

    [ask] = asks_of(conversation)
    [request] = told(conversation)
    first, *pair, last = ask.questions
    assert (first, last, len(set(pair))) == ("expectation", "solved", 2)
    assert [question["question"] for question in request["questions"]] == ask.questions
    assert (ask.way, ask.shown_at, ask.mailed_at, ask.declined_at) == ("", None, None, None)
    assert ask.open_until - ask.asked_at == timedelta(days=14)
    assert datetime.fromisoformat(request["until"]) == ask.open_until
    assert request["questions"][0] == {
        "question": "expectation",
        "text": "Was it as you expected?",
        "answers": ["Worse than I expected", "As I expected", "Better than I expected"],
    }
    assert [len(question["answers"]) for question in request["questions"]] == [3, 5, 5, 3]


@pytest.mark.parametrize(("language", "text"), [("nl", "Was het zoals je verwachtte?"), ("ja", "期待どおりでしたか？")])
def test_it_is_asked_in_the_language_of_the_conversation(language: str, text: str) -> None:
    conversation = a_talk(language)

    end(conversation)

    assert told(conversation)[0]["questions"][0]["text"] == text
    assert asks_of(conversation)[0].language == language


def test_a_conversation_that_is_closed_again_asks_the_same_and_is_one_ask() -> None:
    conversation = a_talk()
    end(conversation)
    rows = Conversation.objects.filter(pk=conversation.id)
    in_organisation(
        acme(), lambda _: rows.update(state="assigned", closed_at=None, operator_id=olga().id, open_promise_id=None)
    )

    end(conversation)

    first, again = told(conversation)
    assert first == again
    assert len(asks_of(conversation)) == 1


def test_a_visitor_who_leaves_is_asked() -> None:
    conversation = a_talk()

    in_organisation(acme(), leave_conversation, conversation.visitor_id, conversation.id, uuid4())

    assert len(asks_of(conversation)) == 1


def test_whom_no_person_answered_is_not_asked_and_takes_no_pair() -> None:
    conversation = lay_conversation(acme())
    append(acme(), asked(conversation))

    def close(organisation: OrganisationRef) -> None:
        from django.db import transaction

        with transaction.atomic():
            close_by_itself(organisation, lock_conversation(conversation.id))

    in_organisation(acme(), close)

    assert kinds_of(acme(), conversation.id)[-1] == ("conversation.closed", "system")
    assert (asks_of(conversation), told(conversation)) == ([], [])


def test_an_organisations_words_order_and_choice_hold_for_their_language_only() -> None:
    def choose(_organisation: OrganisationRef) -> None:
        FactorChoice.objects.bulk_create(
            FactorChoice(language="nl", factor=one.factor, is_asked=one.factor in ("trust", "ease"), position=position)
            for position, one in enumerate(reversed(factors_in("nl")), start=1)
        )
        FactorChoice.objects.filter(language="nl", factor="trust").update(wording="Vertrouw je Acme?")
        AskSettings.objects.update_or_create(id=1, defaults={"asks_solved": False, "open_days": 3})

    in_organisation(acme(), choose)
    try:
        dutch, english = a_talk("nl"), a_talk("en")
        end(dutch)
        end(english)
        [ask] = asks_of(dutch)
        assert ask.questions == ["expectation", "trust", "ease"]
        assert ask.open_until - ask.asked_at == timedelta(days=3)
        assert told(dutch)[0]["questions"][1]["text"] == "Vertrouw je Acme?"
        assert told(dutch)[0]["questions"][2]["text"] == "Was deze chat makkelijk te gebruiken?"
        assert "Vertrouw je Acme?" not in str(told(english))
        assert len(asks_of(english)[0].questions) == 3
    finally:
        in_organisation(acme(), lambda _: (FactorChoice.objects.all().delete(), AskSettings.objects.all().delete()))


def test_asked_is_when_it_ended_by_the_platforms_clock() -> None:
    before = platform_now()
    conversation = a_talk()
    end(conversation)

    [ask] = asks_of(conversation)
    assert before <= ask.asked_at <= platform_now()
