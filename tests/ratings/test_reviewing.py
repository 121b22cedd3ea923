"""Conversations are drawn evenly and always the same; a review is judged, done and read, and none is drawn twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from operators.models import Assignment, ReviewStanding
from operators.reviews import conversations_to_review, note_review_seen, review_lines, reviews_of, week_before
from operators.selectors import OperatorRef
from ratings.errors import ReviewStands
from ratings.models import Criterion, QualityReview
from ratings.reviews import months_of_reviews, own_review, review_page
from ratings.services.following_up import Taker
from ratings.services.reviewing import Judged, finish_review, reopen_review, save_review, score_of
from ratings.tasks import sample_reviews
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import Invalid, NotFound
from tests.cast import acme, globex
from tests.conversations.scene import dismiss_operators, hire_operator
from tests.ratings.rows import a_conversation

SAM = Taker(uuid4(), "Sam")
ZONE = ZoneInfo("Europe/Amsterdam")


@pytest.fixture(autouse=True)
def _own_reviews(platform_database: None) -> Iterator[None]:
    for organisation in (acme(), globex()):
        in_organisation(organisation, lambda _: QualityReview.objects.all().delete())
    ReviewStanding.objects.all().delete()
    Assignment.objects.filter(end="closed").delete()
    yield
    Assignment.objects.filter(end="closed").delete()


@pytest.fixture
def nora() -> Iterator[OperatorRef]:
    operator = hire_operator(acme(), globex(), name="Nora", is_present=False)
    yield operator
    dismiss_operators([operator.id])


def last_week() -> date:
    return week_before(platform_now())


def in_the_week(week: date, hours: float = 60) -> datetime:
    return datetime.combine(week, datetime.min.time(), tzinfo=ZONE) + timedelta(hours=hours)


def closed_by(operator: OperatorRef, organisation: OrganisationRef, ended_at: datetime) -> UUID:
    """A conversation that this operator held until its end."""
    conversation_id = in_organisation(organisation, a_conversation, ended_at - timedelta(minutes=9))
    Assignment.objects.create(
        conversation_id=conversation_id,
        organisation_id=organisation.id,
        operator_id=operator.id,
        start="offered",
        started_at=ended_at - timedelta(minutes=8),
        end="closed",
        ended_at=ended_at,
    )
    return conversation_id


def sampled() -> set[UUID]:
    return set(ReviewStanding.objects.values_list("conversation_id", flat=True))


def judged(mark: int | None = 4, *, comment: str = "Well explained", critical: bool = False, **marks: Any) -> Judged:
    return Judged({**dict.fromkeys(Criterion.values, mark), **marks}, critical, comment)


def a_review(nora: OperatorRef) -> UUID:
    closed_by(nora, acme(), in_the_week(last_week()))
    sample_reviews()
    return ReviewStanding.objects.values_list("pk", flat=True).get()


def do(service: Any, review_id: UUID, *arguments: Any) -> QualityReview:
    in_organisation(acme(), service, SAM, review_id, *arguments)
    return in_organisation(acme(), lambda _: QualityReview.objects.get(pk=review_id))


def test_two_of_each_operators_conversations_of_the_week_are_drawn(nora: OperatorRef) -> None:
    week = last_week()
    otto = hire_operator(acme(), name="Otto", is_present=False)
    ended = {
        nora.id: {closed_by(nora, (acme(), globex())[n % 2], in_the_week(week, 10 + n)) for n in range(6)},
        otto.id: {closed_by(otto, acme(), in_the_week(week))},
    }
    outside = [closed_by(nora, acme(), in_the_week(week, hours)) for hours in (-1, 7 * 24 + 1)]

    sample_reviews()

    rows = list(ReviewStanding.objects.values_list("operator_id", "conversation_id", "week"))
    assert Counter(operator for operator, _, _ in rows) == {nora.id: 2, otto.id: 1}
    assert all(conversation in ended[operator] for operator, conversation, _ in rows)
    assert {drawn_for for _, _, drawn_for in rows} == {week}
    assert not sampled() & set(outside)
    dismiss_operators([otto.id])


def test_sampling_twice_draws_the_same(nora: OperatorRef) -> None:
    for n in range(20):
        closed_by(nora, acme(), in_the_week(last_week(), 10 + n))
    sample_reviews()
    first = sampled()

    sample_reviews()
    assert sampled() == first

    # Killed in the middle: what is missing is made up for, and is what was drawn before.
    gone = min(first)
    in_organisation(acme(), lambda _: QualityReview.objects.filter(conversation=gone).delete())
    ReviewStanding.objects.filter(conversation_id=gone).delete()
    sample_reviews()
    assert sampled() == first
    own = in_organisation(acme(), lambda _: set(QualityReview.objects.values_list("conversation_id", flat=True)))
    assert own == first


def test_no_conversation_is_drawn_for_two_weeks(nora: OperatorRef) -> None:
    week = last_week()
    conversation_id = closed_by(nora, acme(), in_the_week(week))
    sample_reviews()
    again = Assignment.objects.get(conversation_id=conversation_id)
    again.pk, again.ended_at = uuid4(), in_the_week(week + timedelta(days=7))
    again.save(force_insert=True)

    assert conversations_to_review(week + timedelta(days=7), 2) == []
    assert [one.conversation_id for one in conversations_to_review(week, 2)] == [conversation_id]


def test_whoever_closed_it_last_is_reviewed_for_it(nora: OperatorRef) -> None:
    week = last_week()
    otto = hire_operator(acme(), name="Otto", is_present=False)
    conversation_id = closed_by(otto, acme(), in_the_week(week, 10))
    later = Assignment.objects.get(conversation_id=conversation_id)
    later.pk, later.operator_id, later.ended_at = uuid4(), nora.id, in_the_week(week, 12)
    later.save(force_insert=True)

    [drawn] = conversations_to_review(week, 2)

    assert (drawn.operator_id, drawn.operator_name) == (nora.id, "Nora")
    dismiss_operators([otto.id])


def test_every_conversation_of_a_week_is_as_likely_as_another(nora: OperatorRef) -> None:
    """Of 10 conversations 2 are drawn. The draw depends on week and conversation; over 300 weeks each is drawn 60
    times, give or take 6.9: within 4 of those, which fails once in 1,600 runs for all ten together."""
    times: Counter[UUID] = Counter()
    week = last_week()
    made = [closed_by(nora, acme(), in_the_week(week, 10 + n)) for n in range(10)]
    for number in range(300):
        shift = timedelta(days=7 * number)
        Assignment.objects.filter(conversation_id__in=made).update(ended_at=in_the_week(week - shift, 30))
        drawn = conversations_to_review(week - shift, 2)
        assert len(drawn) == 2
        times.update(one.conversation_id for one in drawn)

    assert set(times) == set(made)
    assert all(abs(count - 60) <= 28 for count in times.values()), times


def test_nothing_is_drawn_when_the_platform_wants_none(nora: OperatorRef, settings: Any) -> None:
    settings.REVIEWS_PER_OPERATOR_AND_WEEK = 0
    closed_by(nora, acme(), in_the_week(last_week()))

    sample_reviews()

    assert sampled() == set()


def test_the_week_that_is_over_is_the_platforms() -> None:
    monday = datetime(2026, 11, 23, 0, 30, tzinfo=ZONE)

    assert week_before(monday) == date(2026, 11, 16)
    assert week_before(monday - timedelta(hours=1)) == date(2026, 11, 9)


@pytest.mark.parametrize(
    ("marks", "score"), [([1], 0.0), ([5, 5], 100.0), ([3, None, 4], 62.5), ([None], None), ([], None)]
)
def test_the_score_is_the_mean_of_what_applied(marks: list[int | None], score: float | None) -> None:
    assert score_of({str(place): mark for place, mark in enumerate(marks)}) == score


def test_a_draft_is_kept_and_read_by_no_operator(nora: OperatorRef) -> None:
    review_id = a_review(nora)

    draft = do(save_review, review_id, judged(None, greeting=5))

    assert (draft.greeting, draft.correct, draft.done_at, draft.score) == (5, None, None, None)
    assert reviews_of(nora.id) == []
    with pytest.raises(NotFound):
        in_organisation(acme(), own_review, nora.id, review_id)
    [line] = review_lines()
    assert (line.reviewer_name, line.score) == ("Sam", None)


def test_a_done_review_is_read_by_its_operator_and_nobody_elses(nora: OperatorRef) -> None:
    review_id = a_review(nora)

    done = do(finish_review, review_id, judged(4, correct=2, language=None, critical=True))

    assert done.score == pytest.approx(100 * (26 / 7 - 1) / 4)
    [line] = reviews_of(nora.id)
    assert (line.id, line.score, line.has_critical_error, line.seen_at) == (review_id, done.score, True, None)
    assert in_organisation(acme(), own_review, nora.id, review_id).comment == "Well explained"
    with pytest.raises(NotFound):
        in_organisation(acme(), own_review, uuid4(), review_id)

    note_review_seen(uuid4(), review_id)
    assert reviews_of(nora.id)[0].seen_at is None
    note_review_seen(nora.id, review_id)
    assert reviews_of(nora.id)[0].seen_at is not None


def test_what_is_done_stands_but_can_be_reopened_for_a_day(nora: OperatorRef) -> None:
    review_id = a_review(nora)
    do(finish_review, review_id, judged(4))

    with pytest.raises(ReviewStands):
        do(save_review, review_id, judged(1))
    assert do(reopen_review, review_id).score is None
    assert reviews_of(nora.id) == []

    done = do(finish_review, review_id, judged(2))
    assert done.score == 25.0
    with clock_moved(timedelta(hours=25)), pytest.raises(ReviewStands):
        do(reopen_review, review_id)
    assert reviews_of(nora.id)[0].score == 25.0


def test_what_is_no_judgement_is_refused(nora: OperatorRef) -> None:
    review_id = a_review(nora)

    for wrong in (judged(6), judged(0), Judged({"greeting": 3}, False, ""), judged(comment="x" * 4001)):
        with pytest.raises(Invalid):
            do(finish_review, review_id, wrong)
    with pytest.raises(Invalid):
        do(finish_review, review_id, judged(None))
    with pytest.raises(NotFound):
        in_organisation(globex(), finish_review, SAM, review_id, judged())

    assert in_organisation(acme(), lambda _: QualityReview.objects.get(pk=review_id).saved_at) is None


def test_the_page_holds_what_was_said(nora: OperatorRef) -> None:
    review_id = a_review(nora)

    shown = in_organisation(acme(), review_page, review_id)

    assert (shown.review.operator_name, shown.messages) == ("Nora", [])
    with pytest.raises(NotFound):
        in_organisation(globex(), review_page, review_id)


def test_managers_see_months_without_names_and_few_reviews_are_withheld(nora: OperatorRef) -> None:
    made = [closed_by(nora, acme(), in_the_week(last_week(), 10 + n)) for n in range(10)]

    def lay(number: int, mark: int) -> None:
        for conversation_id in made[:number]:
            QualityReview.objects.update_or_create(
                conversation_id=conversation_id,
                defaults={
                    "operator_id": nora.id,
                    "operator_name": "Nora",
                    "week": last_week(),
                    "correct": mark,
                    "has_critical_error": conversation_id == made[0],
                    "score": 100 * (mark - 1) / 4,
                    "done_at": platform_now(),
                },
            )

    in_organisation(acme(), lambda _: lay(9, 4))
    [few] = in_organisation(acme(), months_of_reviews)
    assert (few.number, few.score, few.critical_errors, few.criteria) == (9, None, None, {})

    in_organisation(acme(), lambda _: lay(10, 3))
    [month] = in_organisation(acme(), months_of_reviews)
    assert (month.number, month.score, month.critical_errors) == (10, 50.0, 1)
    assert (month.criteria["correct"], month.criteria["effort"]) == (3.0, None)
    assert "Nora" not in str(month)
