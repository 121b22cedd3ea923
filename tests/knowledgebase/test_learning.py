"""What the knowledge base learns from use: cleaned, capped, reviewed, taken back, and nothing twice."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from knowledgebase import suggesting
from knowledgebase.content import TextContent
from knowledgebase.engine.weights import DEFAULT
from knowledgebase.models import Article, Feedback, Signal, Suggested, Variant
from knowledgebase.services import learning
from knowledgebase.services.articles import retire
from knowledgebase.services.feedback import give_feedback, reopen_feedback, settle_feedback
from knowledgebase.services.learning import accept_variant, note_suggested, note_used, reject_variant
from knowledgebase.suggesting import Memories
from operators.selectors import OperatorRef
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.models import AuditRecord
from tests.cast import acme
from tests.conversations.scene import in_threads
from tests.knowledgebase.shelf import MAUD, lay_article, revision_in, shelf_cleared

OLGA = OperatorRef(uuid4(), "Olga", 4, ("en",))


@pytest.fixture(autouse=True)
def _own_shelf(platform_database: None) -> Iterator[None]:
    with shelf_cleared(acme()):
        yield


def laid(title: str = "Returning something", **changed: Any) -> Article:
    return lay_article(acme(), **{"texts": {"en": TextContent(title, "Yes.")}, "variants": {}, **changed})


def show(conversation_id: UUID, *articles: Article, seq: int = 1, confidence: float = 0.5) -> None:
    in_organisation(
        acme(), lambda _: note_suggested(conversation_id, seq, "en", [one.pk for one in articles], confidence, OLGA)
    )


def use(
    article: Article, question: str = "Can I bring the boots back?", *, conversation_id: UUID | None = None, **how: Any
) -> Suggested:
    said: dict[str, Any] = {"rank": 1, "language": "en", "seq": 1, **how}
    return in_organisation(
        acme(),
        lambda _: note_used(
            conversation_id or uuid4(), said["seq"], article.pk, said["rank"], question, said["language"], OLGA
        ),
    )


def signal(article: Article) -> tuple[int, int, int]:
    """(shown, used, passed over)."""

    def read(_organisation: OrganisationRef) -> tuple[int, int, int]:
        row = Signal.objects.filter(article=article.pk).first() or Signal()
        return row.shown, row.used, row.passed_over

    return in_organisation(acme(), read)


def questions(article: Article, state: str = Variant.State.ACTIVE) -> list[str]:
    return in_organisation(
        acme(),
        lambda _: list(
            Variant.objects.filter(article=article.pk, state=state).order_by("id").values_list("text", flat=True)
        ),
    )


def row_of(conversation_id: UUID) -> Suggested:
    return in_organisation(acme(), lambda _: Suggested.objects.get(conversation_id=conversation_id))


def test_what_was_shown_is_counted_once_per_turn() -> None:
    first, second, third = laid(), laid(), laid()
    conversation_id = uuid4()

    show(conversation_id, first, second)
    show(conversation_id, first, second)
    show(conversation_id, third, first)

    assert [signal(one) for one in (first, second, third)] == [(1, 0, 0)] * 3
    row = row_of(conversation_id)
    assert (row.shown, row.outcome, row.operator_name) == ([str(third.pk), str(first.pk)], "none", "Olga")
    show(conversation_id, first, seq=7)
    assert signal(first) == (2, 0, 0)


def test_a_used_article_learns_the_question_and_those_above_it_were_passed_over() -> None:
    above, taken, below = laid(), laid(), laid()
    conversation_id = uuid4()
    show(conversation_id, above, taken, below)
    before = revision_in(acme())

    row = use(taken, conversation_id=conversation_id, rank=2)

    assert (row.outcome, row.article_id, row.rank, row.operator_id) == ("used", taken.pk, 2, OLGA.id)
    assert [signal(one) for one in (above, taken, below)] == [(1, 0, 1), (1, 1, 0), (1, 0, 0)]
    assert questions(taken) == ["Can I bring the boots back?"]
    assert row.variant is not None
    assert (row.variant.source, row.variant.language, row.variant.times) == ("learned", "en", 1)
    assert revision_in(acme()) == before + 1


def test_an_article_that_was_found_by_searching_passes_over_all_that_were_shown() -> None:
    shown, other, found = laid(), laid(), laid()
    conversation_id = uuid4()
    show(conversation_id, shown, other)

    row = use(found, conversation_id=conversation_id, rank=None)

    assert (row.outcome, row.rank) == ("found", None)
    assert [signal(one) for one in (shown, other, found)] == [(1, 0, 1), (1, 0, 1), (0, 1, 0)]


def test_the_first_use_of_a_turn_counts_and_again_changes_nothing() -> None:
    article, other = laid(), laid()
    conversation_id = uuid4()

    use(article, conversation_id=conversation_id)
    use(article, conversation_id=conversation_id)
    use(other, "Something else entirely", conversation_id=conversation_id)
    show(conversation_id, other)

    assert (signal(article), signal(other)) == ((0, 1, 0), (0, 0, 0))
    assert (questions(article), questions(other)) == (["Can I bring the boots back?"], [])
    assert row_of(conversation_id).article_id == article.pk


def test_several_uses_of_a_turn_at_the_same_moment_count_once() -> None:
    article, above = laid(), laid()
    conversation_id = uuid4()
    show(conversation_id, above, article)

    in_threads([lambda: use(article, conversation_id=conversation_id, rank=2)] * 6)

    assert (signal(article), signal(above)) == ((1, 1, 0), (1, 0, 1))
    assert questions(article) == ["Can I bring the boots back?"]


def test_turns_that_pass_over_each_others_articles_wait_for_nobody_in_vain() -> None:
    first, second = laid(), laid()

    def answer(shown: tuple[Article, Article]) -> Suggested:
        conversation_id = uuid4()
        show(conversation_id, *shown)
        return use(shown[1], conversation_id=conversation_id, rank=2)

    in_threads([lambda: answer((first, second)), lambda: answer((second, first))] * 6)

    assert (signal(first), signal(second)) == ((12, 6, 6), (12, 6, 6))


def test_the_same_question_again_is_counted_and_not_kept_twice() -> None:
    article = laid()

    use(article, "Can I bring the boots back?")
    use(article, "can I  bring the BOOTS back")

    [variant] = in_organisation(acme(), lambda _: list(Variant.objects.filter(article=article.pk)))
    assert (variant.text, variant.times) == ("Can I bring the boots back?", 2)
    assert variant.asked_at > variant.created_at


def test_nothing_personal_is_learned() -> None:
    article = laid()

    use(article, "Hi, my name is Vera Jansen\nWhere is my order 40-118823? Mail vera.jansen@example.com or 06-12345678")

    [learned] = questions(article)
    for word in ("Vera", "Jansen", "118823", "example.com", "12345678"):
        assert word not in learned
    assert "order" in learned


@pytest.mark.parametrize("question", ["", "ok", "vera@example.com", "?"])
def test_what_is_no_question_is_not_learned_but_its_use_counts(question: str) -> None:
    article = laid()

    row = use(article, question)

    assert (row.outcome, row.variant, questions(article)) == ("used", None, [])
    assert signal(article) == (0, 1, 0)


def test_a_long_turn_is_cut_between_two_words() -> None:
    article = laid()

    use(article, "Please tell me everything about sturdy waterproof boots " * 20)

    [learned] = questions(article)
    assert 250 < len(learned) <= 300
    assert learned.split()[-1] in ["Please", "tell", "me", "everything", "about", "sturdy", "waterproof", "boots"]


def test_a_rejected_question_leaves_the_suggestions_and_is_never_learned_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "LOOK_EVERY_SECONDS", 0.0)
    memories = Memories(2**26)
    article = laid("Paperwork")
    row = use(article, "Does the zorblax whistle?")
    assert row.variant is not None
    variant_id = row.variant.pk
    assert in_organisation(acme(), memories.suggest, "zorblax whistle", "en")

    in_organisation(acme(), reject_variant, MAUD, variant_id)

    assert in_organisation(acme(), memories.suggest, "zorblax whistle", "en") == []
    assert use(article, "does the zorblax whistle").variant is None
    assert questions(article) == []
    assert questions(article, Variant.State.REJECTED) == ["Does the zorblax whistle?"]

    in_organisation(acme(), accept_variant, MAUD, variant_id)

    assert in_organisation(acme(), memories.suggest, "zorblax whistle", "en")
    actions = AuditRecord.objects.filter(subject_id=str(variant_id)).order_by("at").values_list("action", flat=True)
    assert list(actions) == ["variant.rejected", "variant.accepted"]


def test_of_many_learned_questions_the_one_asked_longest_ago_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "MOST_LEARNED", 3)
    article = laid(variants={"en": ("Written by Maud herself",)})
    asked = ["Where are the boots?", "Where are the tents?", "Where are the lamps?"]
    for question in asked:
        use(article, question)
    use(article, asked[0])  # asked again: now the tents are the oldest

    use(article, "Where are the ropes?")

    assert questions(article) == ["Written by Maud herself", asked[0], asked[2], "Where are the ropes?"]


def test_a_question_that_the_article_was_surely_found_by_teaches_nothing_but_counts() -> None:
    article, other = laid(), laid()
    known = uuid4()
    show(known, article, other, confidence=DEFAULT.sure)

    row = use(article, "Can I bring the boots back?", conversation_id=known)

    assert (row.outcome, row.variant, questions(article)) == ("used", None, [])
    assert signal(article) == (1, 1, 0)


def test_a_question_that_is_kept_already_is_counted_when_it_was_surely_known() -> None:
    article = laid()
    use(article, "Can I bring the boots back?")
    known = uuid4()
    show(known, article, confidence=1.0)

    row = use(article, "can I bring the boots back", conversation_id=known)

    [variant] = in_organisation(acme(), lambda _: list(Variant.objects.filter(article=article.pk)))
    assert (row.variant, variant.times) == (variant, 2)


@pytest.mark.parametrize(("place", "confidence"), [(0, DEFAULT.sure - 0.01), (1, 1.0)])
def test_a_question_is_learned_when_the_article_was_not_first_or_not_surely(place: int, confidence: float) -> None:
    article, other = laid(), laid()
    asked = uuid4()
    show(asked, *([article, other] if place == 0 else [other, article]), confidence=confidence)

    use(article, "Can I bring the boots back?", conversation_id=asked, rank=place + 1)

    assert questions(article) == ["Can I bring the boots back?"]


def test_what_was_asked_in_a_language_the_article_lacks_is_learned_in_one_it_has() -> None:
    article = laid()

    row = use(article, "Is the zorblax kettle quiet?", language="ja")

    assert row.variant is not None
    assert row.variant.language == "en"


def test_an_article_that_is_not_live_is_not_used_and_nothing_changes() -> None:
    article = laid()
    conversation_id = uuid4()
    show(conversation_id, article)
    in_organisation(acme(), lambda _: retire(MAUD, article.pk))
    before = revision_in(acme())

    with pytest.raises(NotFound):
        use(article, conversation_id=conversation_id)

    assert (signal(article), questions(article), revision_in(acme())) == ((1, 0, 0), [], before)
    assert row_of(conversation_id).outcome == "none"


def test_feedback_said_twice_is_kept_once_settled_and_opened_again() -> None:
    article, cid = laid(), uuid4()

    def give(_organisation: OrganisationRef) -> tuple[Feedback, bool]:
        return give_feedback(cid, article.pk, "outdated", note=" The fee is 5.95 now. ", operator=OLGA)

    first, again = in_organisation(acme(), give), in_organisation(acme(), give)

    assert (first[1], again[1], first[0].pk == again[0].pk) == (True, False, True)
    kept = first[0]
    assert (kept.note, kept.version, kept.operator_name) == ("The fee is 5.95 now.", article.version, "Olga")
    settled = in_organisation(acme(), settle_feedback, MAUD, kept.pk)
    assert (settled.settled_by, settled.settled_at is None) == ("Maud", False)
    assert in_organisation(acme(), settle_feedback, MAUD, kept.pk).settled_at == settled.settled_at
    assert in_organisation(acme(), reopen_feedback, MAUD, kept.pk).settled_at is None
    with pytest.raises(NotFound):
        in_organisation(acme(), lambda _: give_feedback(uuid4(), uuid4(), "wrong"))
