"""What visitors find by themselves, and what they never see."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from knowledgebase.content import TextContent
from knowledgebase.models import Article, Feedback, HelpSettings
from knowledgebase.services.articles import retire, save_article
from knowledgebase.services.helping import rate_help
from knowledgebase.suggesting import Suggestion, memories, suggest
from knowledgebase.validity import local_today
from knowledgebase.visitor_help import HelpFound, answers_by_itself, find_help, has_help
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tests.cast import acme, globex
from tests.knowledgebase.shelf import MAUD, a_content, lay_article, shelf_cleared

VISITORS = Article.Audience.VISITORS.value
OPERATORS = Article.Audience.OPERATORS.value
QUESTION = "How can I return my kayak paddle?"


@pytest.fixture(autouse=True)
def shelf(platform_database: None) -> Iterator[None]:
    with shelf_cleared(acme(), globex()):
        yield


@pytest.fixture
def settings_row() -> Iterator[None]:
    yield
    in_organisation(acme(), lambda _: HelpSettings.objects.all().delete())


def returns(short_reply: str = "Send the paddle back.", **changed: Any) -> dict[str, Any]:
    """An article about one thing that no other test asks about, with words that visitors must never see."""
    text = TextContent("Returning a kayak paddle", short_reply=short_reply, long_text="OPERATORS KNOW: be generous.")
    return {"texts": {"en": text}, "variants": {"en": (QUESTION,)}, "audience": VISITORS, **changed}


def found_by(organisation: OrganisationRef, text: str = QUESTION, language: str = "en") -> HelpFound:
    memories.cache_clear()  # it looks for changes only once a second
    return in_organisation(organisation, find_help, text, language)


def replies(organisation: OrganisationRef, language: str = "en") -> list[str]:
    """Of this test's own articles: the organisation may have others."""
    return [one.reply for one in found_by(organisation, language=language).articles if "paddle" in one.title]


def test_an_article_for_visitors_is_found_with_its_title_and_short_reply() -> None:
    article = lay_article(acme(), **returns())

    [found] = [one for one in found_by(acme()).articles if one.id == article.id]

    assert (found.title, found.reply) == ("Returning a kayak paddle", "Send the paddle back.")
    assert "OPERATORS KNOW" not in str(found_by(acme()))


def test_what_only_shares_words_of_the_grammar_is_not_offered() -> None:
    subjects = ("a kayak paddle", "the invoice of last month", "gift wrapping", "a bicycle lamp", "opening an account")
    for subject in subjects:
        text = TextContent(f"About {subject}", short_reply="Yes.")
        lay_article(acme(), texts={"en": text}, variants={"en": (f"How do I get {subject}?",)}, audience=VISITORS)

    assert [one.title for one in found_by(acme(), "how do i get gift wrapping").articles] == ["About gift wrapping"]
    assert found_by(acme(), "Do I get the sleeping bag of the picture with a tent?").articles == ()


def test_what_is_not_for_visitors_today_is_never_found() -> None:
    today = in_organisation(acme(), local_today)
    lay_article(acme(), **returns("for operators", audience=OPERATORS))
    lay_article(acme(), **returns("a draft"), is_live=False)
    lay_article(acme(), **returns("from tomorrow", valid_from=today + timedelta(days=1)))
    lay_article(acme(), **returns("until yesterday", valid_until=today - timedelta(days=1)))
    lay_article(acme(), **returns("until today", valid_until=today))

    assert replies(acme()) == ["until today"]


def test_nothing_of_one_organisation_is_found_in_another() -> None:
    # rule 15
    lay_article(acme(), **returns("Acme's words"))
    lay_article(globex(), **returns("Globex' words"))

    assert replies(acme()) == ["Acme's words"]
    assert replies(globex()) == ["Globex' words"]


def test_what_the_memory_still_holds_is_looked_up_before_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    article = lay_article(acme(), **returns())
    remembered = in_organisation(acme(), _suggestions)
    assert [one.article for one in remembered] == [article.id]
    in_organisation(acme(), lambda _: save_article(MAUD, article.id, a_content(**returns(audience=OPERATORS))))

    monkeypatch.setattr("knowledgebase.visitor_help.suggest", lambda *_asked, **_how: remembered)
    assert found_by(acme()) == HelpFound()
    in_organisation(acme(), lambda _: save_article(MAUD, article.id, a_content(**returns())))
    assert [one.id for one in found_by(acme()).articles] == [article.id]
    in_organisation(acme(), lambda _: retire(MAUD, article.id))
    assert found_by(acme()) == HelpFound()


def _suggestions(organisation: OrganisationRef) -> list[Suggestion]:
    memories.cache_clear()
    return suggest(organisation, QUESTION, "en", limit=3, for_visitors=True)


def test_a_reply_is_filled_for_nobody_in_particular_and_left_out_where_that_cannot_be() -> None:
    lay_article(acme(), **returns("Hello {visitor}, {organisation} takes it back."))
    lay_article(acme(), **returns("I am {operator}, I take it back."))
    lay_article(acme(), **returns("It costs {product.no-such.price}."))

    assert replies(acme()) == ["Hello, Acme Outdoor takes it back."]


def test_only_what_is_written_in_the_visitors_language_is_found() -> None:
    dutch = TextContent("Een kajakpeddel terugsturen", short_reply="Stuur hem terug.")
    lay_article(acme(), **returns(texts={"nl": dutch}, variants={"nl": ("Hoe stuur ik mijn kajakpeddel terug?",)}))

    in_english = found_by(acme(), "Hoe stuur ik mijn kajakpeddel terug?", "en").articles
    assert "Stuur hem terug." not in [one.reply for one in in_english]
    in_dutch = found_by(acme(), "Hoe stuur ik mijn kajakpeddel terug?", "nl").articles
    assert in_dutch[0].reply == "Stuur hem terug."


def test_there_is_help_once_an_article_for_visitors_is_live() -> None:
    def hide(_organisation: OrganisationRef) -> list[UUID]:
        ids = list(Article.objects.filter(audience=VISITORS).values_list("pk", flat=True))
        Article.objects.filter(pk__in=ids).update(audience=OPERATORS)
        return ids

    hidden = in_organisation(globex(), hide)
    try:
        before = in_organisation(globex(), has_help)
        lay_article(globex(), **returns())

        assert (before, in_organisation(globex(), has_help)) == (False, True)
    finally:
        in_organisation(globex(), lambda _: Article.objects.filter(pk__in=hidden).update(audience=VISITORS))


@pytest.mark.usefixtures("settings_row")
def test_how_sure_is_sure_is_the_organisations_and_so_is_answering_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    lay_article(acme(), **returns())
    at = [replace(one, confidence=0.8) for one in in_organisation(acme(), _suggestions)]
    monkeypatch.setattr("knowledgebase.visitor_help.suggest", lambda *_asked, **_how: at)

    def set_to(**said: object) -> None:
        in_organisation(acme(), lambda _: HelpSettings.objects.update_or_create(pk=1, defaults=said))

    assert not found_by(acme()).is_sure
    assert in_organisation(acme(), answers_by_itself)
    set_to(sure_percent=80)
    assert found_by(acme()).is_sure
    set_to(sure_percent=81)
    assert not found_by(acme()).is_sure
    set_to(answers_by_itself=False)
    assert not in_organisation(acme(), answers_by_itself)


@pytest.mark.parametrize("percent", [49, 101])
def test_the_database_keeps_no_impossible_threshold(percent: int) -> None:
    def write(_organisation: OrganisationRef) -> None:
        with transaction.atomic():
            HelpSettings.objects.create(sure_percent=percent)

    with pytest.raises(IntegrityError):
        in_organisation(acme(), write)


def feedback_on(article_id: UUID) -> list[tuple[str, int, UUID | None]]:
    rows = Feedback.objects.filter(article=article_id).values_list("kind", "version", "conversation_id")
    return in_organisation(acme(), lambda _: list(rows))


def test_a_visitors_answer_is_one_per_version_and_the_last_one_counts() -> None:
    article, conversation = lay_article(acme(), **returns()), uuid4()
    for helped in (True, True, False):
        in_organisation(acme(), rate_help, article.id, "vera", helped, conversation)
    in_organisation(acme(), rate_help, article.id, "victor", True, None)
    changed = in_organisation(
        acme(), lambda _: save_article(MAUD, article.id, a_content(**returns("Send it back.", slug=article.slug)))
    )
    in_organisation(acme(), rate_help, article.id, "vera", True, conversation)

    assert sorted(feedback_on(article.id), key=str) == sorted(
        [
            ("did_not_help", article.version, conversation),
            ("helped", article.version, None),
            ("helped", changed.version, conversation),
        ],
        key=str,
    )


@pytest.mark.parametrize("hidden", ["operators only", "draft", "absent"])
def test_what_visitors_do_not_see_they_cannot_rate(hidden: str) -> None:
    # rule 17
    article = lay_article(
        acme(), **returns(audience=OPERATORS if hidden == "operators only" else VISITORS), is_live=hidden != "draft"
    )

    with pytest.raises(NotFound):
        in_organisation(acme(), rate_help, uuid4() if hidden == "absent" else article.id, "vera", True, None)

    assert feedback_on(article.id) == []
