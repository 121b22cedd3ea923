"""An article that is there answers a gap: it learns the gap's questions, is found, and forgets them on the way back."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from knowledgebase import suggesting
from knowledgebase.content import TextContent
from knowledgebase.models import Article, Gap, Variant
from knowledgebase.selectors import article_choices
from knowledgebase.services import gap_answers, learning
from knowledgebase.services.articles import publish, retire
from knowledgebase.services.gap_answers import answer_with, take_article_off
from knowledgebase.services.gap_merging import merge_gap
from knowledgebase.services.gap_steps import bring_back_gap, dismiss_gap
from knowledgebase.services.gaps import close_answered
from knowledgebase.services.learning import note_used, reject_variant
from knowledgebase.suggesting import Memories
from operators.selectors import OperatorRef
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.models import AuditRecord
from tests.knowledgebase.gaps_asked import ENGRAVING, PARKING, asked, cleared, gaps_of
from tests.knowledgebase.shelf import MAUD, lay_article, revision_in

OLGA = OperatorRef(uuid4(), "Olga", 4, ("en",))


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[OrganisationRef]:
    """What changes is in this process's suggestions at once."""
    monkeypatch.setattr(suggesting, "LOOK_EVERY_SECONDS", 0)
    with cleared() as organisation:
        yield organisation


@pytest.fixture
def gap(shop: OrganisationRef) -> Gap:
    asked(shop, *ENGRAVING)
    return gaps_of(shop)[0]


def laid(organisation: OrganisationRef, title: str = "Making it yours", **changed: Any) -> Article:
    return lay_article(
        organisation, **{"texts": {"en": TextContent(title, "We do that for € 5.")}, "variants": {}, **changed}
    )


def learned(organisation: OrganisationRef, article: Article) -> dict[str, tuple[str, str]]:
    """Question → (source, state)."""
    rows = lambda _: list(Variant.objects.filter(article=article.pk).values_list("text", "source", "state"))  # noqa: E731
    return {text: (source, state) for text, source, state in in_organisation(organisation, rows)}


def standing(organisation: OrganisationRef, gap: Gap) -> tuple[str, Any]:
    return in_organisation(organisation, lambda _: Gap.objects.values_list("state", "article").get(pk=gap.pk))


def actions_on(gap: Gap) -> list[str]:
    return list(
        AuditRecord.objects.filter(subject_id=str(gap.pk)).order_by("at", "id").values_list("action", flat=True)
    )


def test_the_article_learns_the_questions_and_is_found_from_then_on(shop: OrganisationRef, gap: Gap) -> None:
    article = laid(shop)
    memories = Memories(1 << 20)
    found = lambda _: [one.article for one in memories.suggest(shop, "engrave a name on knives", "en")]  # noqa: E731
    assert in_organisation(shop, found) == []
    before = revision_in(shop)

    in_organisation(shop, answer_with, gap.id, article.pk, MAUD)

    assert standing(shop, gap) == ("drafted", article.pk)
    assert learned(shop, article) == dict.fromkeys(ENGRAVING, ("learned", "active"))
    assert revision_in(shop) == before + 1
    assert in_organisation(shop, found) == [article.pk]
    assert actions_on(gap) == ["gap.answered"]  # rule 42
    assert in_organisation(shop, close_answered) == 1
    assert standing(shop, gap) == ("closed", article.pk)


def test_a_draft_answers_once_it_is_live(shop: OrganisationRef, gap: Gap) -> None:
    article = laid(shop, is_live=False)

    in_organisation(shop, answer_with, gap.id, article.pk, MAUD)
    assert in_organisation(shop, close_answered) == 0
    in_organisation(shop, lambda _: publish(MAUD, article.pk))

    assert in_organisation(shop, close_answered) == 1


def test_answering_twice_changes_nothing_more(shop: OrganisationRef, gap: Gap) -> None:
    article = laid(shop)
    in_organisation(shop, answer_with, gap.id, article.pk, MAUD)
    before = revision_in(shop), learned(shop, article), in_organisation(shop, lambda _: Gap.objects.values().get())

    in_organisation(shop, answer_with, gap.id, article.pk, MAUD)

    assert before == (
        revision_in(shop),
        learned(shop, article),
        in_organisation(shop, lambda _: Gap.objects.values().get()),
    )
    assert actions_on(gap) == ["gap.answered"]


def test_the_way_back_forgets_what_nobody_used_or_reviewed_since(shop: OrganisationRef, gap: Gap) -> None:
    known = ENGRAVING[0]
    article = laid(shop, variants={"en": (known,)})
    in_organisation(shop, answer_with, gap.id, article.pk, MAUD)
    assert learned(shop, article)[known] == ("manager", "active")
    in_organisation(shop, lambda _: note_used(uuid4(), 1, article.pk, 1, ENGRAVING[1], "en", OLGA))

    in_organisation(shop, take_article_off, gap.id, MAUD)
    in_organisation(shop, take_article_off, gap.id, MAUD)

    assert standing(shop, gap) == ("open", None)
    assert learned(shop, article) == {known: ("manager", "active"), ENGRAVING[1]: ("learned", "active")}
    assert actions_on(gap) == ["gap.answered", "gap.article_taken_off"]


def test_what_a_manager_rejected_is_not_learned_again(shop: OrganisationRef, gap: Gap) -> None:
    article = laid(shop)
    in_organisation(shop, answer_with, gap.id, article.pk, MAUD)
    rejected = in_organisation(shop, lambda _: Variant.objects.get(article=article.pk, text=ENGRAVING[2]))
    in_organisation(shop, reject_variant, MAUD, rejected.pk)

    in_organisation(shop, take_article_off, gap.id, MAUD)
    assert learned(shop, article) == {ENGRAVING[2]: ("learned", "rejected")}
    in_organisation(shop, answer_with, gap.id, article.pk, MAUD)

    assert learned(shop, article) == {
        **dict.fromkeys(ENGRAVING, ("learned", "active")),
        ENGRAVING[2]: ("learned", "rejected"),
    }


def test_another_article_takes_the_questions_over(shop: OrganisationRef, gap: Gap) -> None:
    wrong, right = laid(shop), laid(shop)
    in_organisation(shop, answer_with, gap.id, wrong.pk, MAUD)

    in_organisation(shop, answer_with, gap.id, right.pk, MAUD)

    assert learned(shop, wrong) == {}
    assert set(learned(shop, right)) == set(ENGRAVING)
    assert standing(shop, gap) == ("drafted", right.pk)


def test_only_so_many_are_learned_and_never_the_same_twice(
    shop: OrganisationRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gap_answers, "DRAFTED_QUESTIONS", 3)
    monkeypatch.setattr(learning, "MOST_LEARNED", 2)
    asked(shop, *ENGRAVING, "do you  ENGRAVE knives?", "Knives: do you engrave a name?")
    article = laid(shop)

    in_organisation(shop, answer_with, gaps_of(shop)[0].id, article.pk, MAUD)

    # The newest of each wording; of those the two that were asked last.
    assert set(learned(shop, article)) == {"do you ENGRAVE knives?", "Knives: do you engrave a name?"}


def test_a_question_that_is_there_in_two_languages_is_known(shop: OrganisationRef, gap: Gap) -> None:
    texts = {"en": TextContent("Making it yours", "Yes."), "nl": TextContent("Maak het eigen", "Ja.")}
    article = laid(shop, texts=texts, variants={"en": (ENGRAVING[0],), "nl": (ENGRAVING[0],)})

    in_organisation(shop, answer_with, gap.id, article.pk, MAUD)
    in_organisation(shop, lambda _: note_used(uuid4(), 1, article.pk, 1, ENGRAVING[0], "nl", OLGA))

    rows = in_organisation(
        shop,
        lambda _: set(Variant.objects.filter(article=article, text=ENGRAVING[0]).values_list("language", "times")),
    )
    assert rows == {("en", 1), ("nl", 2)}


def test_what_is_not_there_answers_nothing(shop: OrganisationRef, gap: Gap) -> None:
    article, retired = laid(shop), laid(shop)
    in_organisation(shop, lambda _: retire(MAUD, retired.pk))
    asked(shop, *PARKING)
    merged = next(one for one in gaps_of(shop) if one.pk != gap.pk)
    in_organisation(shop, merge_gap, merged.id, gap.id, MAUD)
    before = in_organisation(shop, lambda _: list(Gap.objects.order_by("pk").values())), revision_in(shop)

    for gap_id, article_id in (
        (gap.id, uuid4()),
        (gap.id, retired.pk),
        (uuid4(), article.pk),
        (merged.id, article.pk),
    ):
        with pytest.raises(NotFound):
            in_organisation(shop, answer_with, gap_id, article_id, MAUD)
    for gap_id in (uuid4(), merged.id):
        with pytest.raises(NotFound):
            in_organisation(shop, take_article_off, gap_id, MAUD)

    assert in_organisation(shop, lambda _: list(Gap.objects.order_by("pk").values())) == before[0]
    assert revision_in(shop) == before[1]
    assert learned(shop, article) == {}
    assert actions_on(gap) == []


def test_what_was_put_aside_stays_aside_without_its_article(shop: OrganisationRef, gap: Gap) -> None:
    article = laid(shop)
    in_organisation(shop, answer_with, gap.id, article.pk, MAUD)
    in_organisation(shop, dismiss_gap, gap.id, MAUD)

    in_organisation(shop, take_article_off, gap.id, MAUD)
    assert standing(shop, gap) == ("dismissed", None)

    assert in_organisation(shop, bring_back_gap, gap.id, MAUD).state == "open"


def test_all_articles_can_be_chosen_but_retired_ones(shop: OrganisationRef) -> None:
    both = {"nl": TextContent("Retour", "Ja."), "en": TextContent("returns", "Yes.")}
    live, draft, retired = laid(shop, texts=both), laid(shop, "Opening", is_live=False), laid(shop)
    in_organisation(shop, lambda _: retire(MAUD, retired.pk))

    offered = in_organisation(shop, article_choices, "nl")

    assert [(one.id, one.title, one.state) for one in offered] == [
        (draft.pk, "Opening", "draft"),
        (live.pk, "Retour", "live"),
    ]
