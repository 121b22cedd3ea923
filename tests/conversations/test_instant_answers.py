"""The automatic answer to a first question: said to be one, once, and in the way of nothing."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from conversations.models import Entry, Promise
from conversations.services.instant_answers import BEGINNING_SEQ, answer_first_question, may_be_answered
from knowledgebase.models import Article, HelpSettings
from knowledgebase.suggesting import memories
from knowledgebase.visitor_help import HelpFound, find_help
from operators.assigning import hold_conversation
from operators.selectors import OperatorRef
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme, visitor_of
from tests.conversations.scene import (
    answered,
    append,
    assert_consistent,
    conversation_row,
    entries_of,
    promises_of,
    queue_entry,
    receive,
)
from tests.knowledgebase.shelf import lay_article, shelf_cleared
from tests.knowledgebase.test_visitor_help import QUESTION, returns

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def article(platform_database: None) -> Iterator[Article]:
    """The one that answers; half as sure as it can be is sure enough here."""
    with shelf_cleared(acme()):
        in_organisation(acme(), lambda _: HelpSettings.objects.create(sure_percent=50))
        laid = lay_article(acme(), **returns())
        memories.cache_clear()
        yield laid
        in_organisation(acme(), lambda _: HelpSettings.objects.all().delete())


def answers_in(organisation: OrganisationRef, conversation_id: UUID) -> list[Entry]:
    return [entry for entry in entries_of(organisation, conversation_id) if "article" in entry.payload]


def ask(body: str = QUESTION, language: str = "en") -> UUID:
    return receive(visitor_of(acme()), body, language=language).conversation_id


def test_it_is_automatic_names_its_article_and_comes_once(article: Article) -> None:
    conversation_id = ask()

    for _again in range(2):
        in_organisation(acme(), answer_first_question, conversation_id, QUESTION)

    [answer] = answers_in(acme(), conversation_id)
    assert (answer.kind, answer.sender_kind, answer.sender_id) == ("message.sent", "automatic", None)
    assert (answer.sender_name, answer.body) == (acme().name, "Send the paddle back.")
    assert answer.payload == {"article": str(article.id)}


def test_it_settles_no_promise_and_the_conversation_waits_for_an_operator_as_before() -> None:
    conversation_id = ask()
    [before], row = promises_of(acme(), conversation_id), queue_entry(conversation_id)

    in_organisation(acme(), answer_first_question, conversation_id, QUESTION)

    assert len(answers_in(acme(), conversation_id)) == 1
    [promise] = promises_of(acme(), conversation_id)
    assert (promise.outcome, promise.settled_at, promise.due_at) == (Promise.Outcome.OPEN, None, before.due_at)
    assert conversation_row(acme(), conversation_id).first_replied_at is None
    after = queue_entry(conversation_id)
    assert (after.state, after.promise_due_at, after.operator_id) == ("waiting", row.promise_due_at, None)
    assert_consistent(acme(), conversation_id)


def test_once_a_person_has_spoken_it_says_nothing(hire: Callable[..., OperatorRef]) -> None:
    operator = hire(acme())
    conversation_id = ask()

    def take(_organisation: OrganisationRef) -> None:
        conversation = conversation_row(acme(), conversation_id)
        conversation.state, conversation.operator_id, conversation.operator_name = "assigned", operator.id, "Olga"
        conversation.save()
        hold_conversation(conversation_id, operator.id)

    in_organisation(acme(), take)
    append(acme(), answered(conversation_row(acme(), conversation_id), operator))
    before = len(entries_of(acme(), conversation_id))

    in_organisation(acme(), answer_first_question, conversation_id, QUESTION)

    assert len(entries_of(acme(), conversation_id)) == before


def test_it_is_silent_when_not_sure_when_switched_off_and_in_another_language(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    dutch, unsure, off = ask(language="nl"), ask(), ask()
    in_organisation(acme(), answer_first_question, dutch, QUESTION)
    with monkeypatch.context() as doubting:
        real = in_organisation(acme(), _found)
        doubting.setattr(
            "conversations.services.instant_answers.find_help", lambda *_asked: HelpFound(real.articles, is_sure=False)
        )
        in_organisation(acme(), answer_first_question, unsure, QUESTION)
    in_organisation(acme(), lambda _: HelpSettings.objects.update(answers_by_itself=False))
    in_organisation(acme(), answer_first_question, off, QUESTION)

    assert real.is_sure
    assert [answers_in(acme(), one) for one in (dutch, unsure, off)] == [[], [], []]
    in_organisation(acme(), lambda _: HelpSettings.objects.update(answers_by_itself=True))
    in_organisation(acme(), answer_first_question, off, QUESTION)
    assert len(answers_in(acme(), off)) == 1


def _found(organisation: OrganisationRef) -> HelpFound:
    return find_help(organisation, QUESTION, "en")


@pytest.mark.parametrize(
    ("question", "seq", "may"),
    [
        (QUESTION, 2, True),
        (QUESTION, BEGINNING_SEQ, True),
        (QUESTION, BEGINNING_SEQ + 1, False),
        ("Are you open today?", 2, False),
        ("  ", 2, False),
    ],
)
def test_only_the_beginning_is_answered_and_opening_hours_have_their_own_answer(
    question: str, seq: int, may: bool
) -> None:
    assert may_be_answered(question, seq) is may
