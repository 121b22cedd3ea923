"""Turns that no article answered become gaps: collected once, cleaned, grouped stably, drafted, closed."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from conversations import tasks
from conversations.services.unanswered import BEHIND, collect_turns
from knowledgebase.models import Article, Gap, UnansweredTurn
from knowledgebase.services.articles import publish, retire
from knowledgebase.services.gap_steps import assign_gap, bring_back_gap, dismiss_gap, draft_from_gap
from knowledgebase.services.gaps import Turn, close_answered, flag_turn, group_turns, keep_turns
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.models import AuditRecord
from tests.conversations.scene import in_threads
from tests.knowledgebase.asked import a_talk
from tests.knowledgebase.gaps_asked import ENGRAVED, ENGRAVING, PARKING, asked, cleared, emptied, gaps_of, grouped, made
from tests.knowledgebase.shelf import MAUD

OLGA = uuid4()


@pytest.fixture
def shop() -> Iterator[OrganisationRef]:
    with cleared() as organisation:
        yield organisation


def test_turns_without_a_used_article_are_kept_with_what_was_answered_in_the_end(shop: OrganisationRef) -> None:
    at = platform_now() - timedelta(hours=2)

    def talk(organisation: OrganisationRef) -> UUID:
        return a_talk(
            organisation,
            at,
            [
                ("Hello\nDo you engrave knives?", "One moment, please."),
                ("ok", ENGRAVED),
                ("Is there parking at your store?", "Yes, for an hour."),
                ("Thank you very much!", "You are welcome."),
                ("What does a gas bottle cost?", ""),
            ],
            used=[2],
        )

    conversation_id = in_organisation(shop, talk)
    tasks.collect_gaps(shop.schema_name)

    kept = in_organisation(shop, lambda _: list(UnansweredTurn.objects.order_by("seq")))
    assert [(turn.conversation_id, turn.seq, turn.question, turn.answer) for turn in kept] == [
        (conversation_id, 1, "Do you engrave knives?", f"One moment, please.\n{ENGRAVED}"),
        (conversation_id, 10, "What does a gas bottle cost?", ""),
    ]
    assert kept[0].at == at
    assert all(turn.gap_id for turn in kept)


def test_a_second_round_changes_nothing_and_later_turns_join(shop: OrganisationRef) -> None:  # rule 19
    at = platform_now() - timedelta(hours=2)
    in_organisation(shop, a_talk, at, [(ENGRAVING[0], ENGRAVED)])
    tasks.collect_gaps(shop.schema_name)
    before = grouped(shop)

    tasks.collect_gaps(shop.schema_name)
    assert grouped(shop) == before
    in_organisation(shop, a_talk, at + timedelta(minutes=30), [(ENGRAVING[1], ENGRAVED)])
    tasks.collect_gaps(shop.schema_name)

    assert list(grouped(shop).values()) == [set(ENGRAVING[:2])]
    assert [(gap.times, gap.first_at, gap.last_at) for gap in gaps_of(shop)] == [
        (2, at, at + timedelta(minutes=30)),
    ]


def test_a_turn_whose_answer_may_still_be_going_on_waits(shop: OrganisationRef) -> None:
    in_organisation(shop, a_talk, platform_now() - BEHIND + timedelta(minutes=1), [(ENGRAVING[0], ENGRAVED)])

    assert in_organisation(shop, collect_turns) is False

    assert gaps_of(shop) == []
    assert grouped(shop) == {}


def test_a_round_goes_on_turn_by_turn_where_the_last_one_stopped(
    shop: OrganisationRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.services.unanswered.TURNS_AT_ONCE", 2)
    at = platform_now() - timedelta(hours=2)
    for question in (*ENGRAVING, *PARKING):
        in_organisation(shop, a_talk, at, [(question, ENGRAVED)])  # all settled at one instant

    more = [in_organisation(shop, collect_turns) for _ in range(3)]

    assert more == [True, True, False]
    assert grouped(shop) == {None: {*ENGRAVING, *PARKING}}


def test_questions_alike_are_one_gap_however_often_grouping_ran(shop: OrganisationRef) -> None:
    asked(shop, *ENGRAVING[:2], *PARKING)
    before = {gap.id: gap.times for gap in gaps_of(shop)}

    asked(shop, ENGRAVING[2])

    after = grouped(shop)
    assert sorted(map(sorted, after.values())) == sorted([sorted(ENGRAVING), sorted(PARKING)])
    assert before.keys() == after.keys()
    assert sorted(gap.times for gap in gaps_of(shop)) == [2, 3]
    assert sum(before.values()) == 4


def test_languages_never_share_a_gap(shop: OrganisationRef) -> None:
    asked(shop, "Engraving in Utrecht", language="en")
    asked(shop, "Engraving in Utrecht", language="nl")

    assert sorted(gap.language for gap in gaps_of(shop)) == ["en", "nl"]


def test_a_flag_is_kept_beside_a_used_article_and_gets_its_answer_later(shop: OrganisationRef) -> None:
    at = platform_now() - timedelta(hours=2)
    conversation_id = in_organisation(shop, a_talk, at, [(ENGRAVING[0], ENGRAVED)])
    flagged = Turn(conversation_id=conversation_id, seq=1, language="en", question=ENGRAVING[0], answer="", at=at)

    first = in_organisation(shop, flag_turn, flagged, OLGA)
    assert in_organisation(shop, flag_turn, flagged, OLGA).pk == first.pk
    tasks.collect_gaps(shop.schema_name)

    turn = in_organisation(shop, lambda _: UnansweredTurn.objects.get())
    assert (turn.is_flagged, turn.answer, turn.gap_id is not None) == (True, ENGRAVED, True)
    audited = AuditRecord.objects.filter(organisation_id=shop.id, action="gap.flagged")
    assert list(audited.filter(subject_id=str(turn.pk)).values_list("actor_id", flat=True)) == [OLGA]  # rule 42


def test_who_flags_what_was_collected_before_is_audited_once(shop: OrganisationRef) -> None:
    asked(shop, ENGRAVING[0])
    turn = in_organisation(shop, lambda _: UnansweredTurn.objects.get())
    flagged = Turn(
        conversation_id=turn.conversation_id, seq=turn.seq, language="en", question="Other words", answer="", at=turn.at
    )

    in_threads([lambda: in_organisation(shop, flag_turn, flagged, OLGA)] * 4)

    after = in_organisation(shop, lambda _: UnansweredTurn.objects.get())
    assert (after.pk, after.is_flagged, after.question) == (turn.pk, True, ENGRAVING[0])
    assert AuditRecord.objects.filter(action="gap.flagged", subject_id=str(turn.pk)).count() == 1


def test_one_click_makes_a_draft_of_what_was_asked_and_answered(shop: OrganisationRef) -> None:
    asked(shop, *ENGRAVING[:2])
    asked(shop, ENGRAVING[2], answer="Yes: engraving a knife costs € 5 and takes two days.")
    asked(shop, "Is engraving knives with a name done here?", answer="A moment.")
    gap = gaps_of(shop)[0]
    in_organisation(
        shop, assign_gap, gap.id, owner_id=MAUD.id, owner_name="Maud", answer_by=date(2030, 1, 2), editor=MAUD
    )

    article = in_organisation(shop, draft_from_gap, gap.id, MAUD)
    again = in_organisation(shop, draft_from_gap, gap.id, MAUD)

    def look(_organisation: OrganisationRef) -> None:
        text = article.texts.get()
        assert again.pk == article.pk
        assert (article.state, article.owner_name, text.language, text.title) == ("draft", "Maud", "en", gap.question)
        assert text.short_reply == ENGRAVED
        assert "Yes: engraving a knife" in text.long_text
        assert "A moment." not in text.long_text
        assert {one.text for one in article.variants.all()} >= set(ENGRAVING)
        assert Gap.objects.get().state == Gap.State.DRAFTED

    in_organisation(shop, look)
    actions = AuditRecord.objects.filter(organisation_id=shop.id, subject_id=str(gap.id)).order_by("at", "id")
    assert [one.action for one in actions] == ["gap.assigned", "gap.drafted"]


def test_a_gap_closes_when_its_article_is_live_and_opens_when_it_does_not_serve(shop: OrganisationRef) -> None:
    asked(shop, *ENGRAVING)
    gap = gaps_of(shop)[0]
    article = in_organisation(shop, draft_from_gap, gap.id, MAUD)

    assert in_organisation(shop, close_answered) == 0
    in_organisation(shop, lambda _: publish(MAUD, article.pk))
    assert in_organisation(shop, close_answered) == 1
    assert gaps_of(shop)[0].state == Gap.State.CLOSED

    later = platform_now() + timedelta(hours=1)
    for number in range(3):
        assert gaps_of(shop)[0].state == Gap.State.CLOSED
        turn = Turn(
            conversation_id=uuid4(), seq=1, language="en", question=ENGRAVING[0], answer="",
            at=later + timedelta(minutes=number),
        )  # fmt: skip
        in_organisation(shop, keep_turns, [turn])
        in_organisation(shop, group_turns)
    assert [(one.id, one.state, one.times) for one in gaps_of(shop)] == [(gap.id, Gap.State.OPEN, 6)]


def test_a_gap_whose_draft_was_retired_is_open_again(shop: OrganisationRef) -> None:
    asked(shop, *ENGRAVING)
    gap = gaps_of(shop)[0]
    article = in_organisation(shop, draft_from_gap, gap.id, MAUD)
    in_organisation(shop, lambda _: (publish(MAUD, article.pk), retire(MAUD, article.pk)))

    in_organisation(shop, close_answered)

    assert gaps_of(shop)[0].state == Gap.State.OPEN


def test_what_is_put_aside_goes_on_counting_and_can_be_brought_back(shop: OrganisationRef) -> None:
    asked(shop, *ENGRAVING[:2])
    gap = gaps_of(shop)[0]

    assert in_organisation(shop, dismiss_gap, gap.id, MAUD).state == Gap.State.DISMISSED
    asked(shop, ENGRAVING[2])
    assert [(one.state, one.times) for one in gaps_of(shop)] == [(Gap.State.DISMISSED, 3)]
    assert in_organisation(shop, bring_back_gap, gap.id, MAUD).state == Gap.State.OPEN


def test_steps_on_a_gap_that_is_not_there_are_refused(shop: OrganisationRef) -> None:
    for step in (dismiss_gap, bring_back_gap, draft_from_gap):
        with pytest.raises(NotFound):
            in_organisation(shop, step, uuid4(), MAUD)

    assert in_organisation(shop, lambda _: Article.objects.count()) == 0


def test_gaps_stay_in_their_organisation(shop: OrganisationRef) -> None:  # rule 15
    other = made("gaps-bank")
    in_organisation(other, emptied)
    asked(shop, *ENGRAVING)
    gap = gaps_of(shop)[0]

    tasks.collect_gaps(other.schema_name)

    assert gaps_of(other) == []
    with pytest.raises(NotFound):
        in_organisation(other, dismiss_gap, gap.id, MAUD)
    with pytest.raises(NotFound):
        tasks.collect_gaps("o_nowhere")
    assert gaps_of(shop)[0].state == Gap.State.OPEN
