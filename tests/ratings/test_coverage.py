"""Coverage in weeks and now: every number equals a slow count of the rows, one after the other."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from conversations.models import Conversation
from knowledgebase.content import TextContent
from knowledgebase.models import Article, Feedback, Gap, Signal, Suggested, UnansweredTurn
from ratings.coverage import HEIGHT, Week, columns_of, most_used, standing_now, weeks_until_now
from ratings.selectors import local_today
from tenants.context import OrganisationRef, in_organisation
from tenants.services import NewOrganisation, create_organisation
from tests.knowledgebase.asked import a_talk
from tests.knowledgebase.shelf import MAUD, lay_article

ZONE = "Asia/Tokyo"


@cache
def made() -> OrganisationRef:
    return create_organisation(
        NewOrganisation(
            slug="coverage", name="Coverage", host="coverage.localhost", time_zone=ZONE, languages=("nl", "en")
        )
    )


@pytest.fixture
def shop() -> Iterator[OrganisationRef]:
    """An organisation of these tests, far from UTC and without anything."""
    in_organisation(made(), _emptied)
    yield made()
    in_organisation(made(), _emptied)


def _emptied(_organisation: OrganisationRef) -> None:
    for model in (Feedback, UnansweredTurn, Gap, Suggested, Article, Conversation):
        model.objects.all().delete()


def monday(weeks_ago: int) -> date:
    today = local_today(ZONE)
    return today - timedelta(days=today.weekday(), weeks=weeks_ago)


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo(ZONE))


def week_of(moment: datetime) -> date:
    day = moment.astimezone(ZoneInfo(ZONE)).date()
    return day - timedelta(days=day.weekday())


def test_every_number_of_every_week_is_what_counting_row_by_row_gives(shop: OrganisationRef) -> None:
    article = lay_article(shop)
    last, before, long_ago = monday(1), monday(2), monday(30)

    def lay(organisation: OrganisationRef) -> None:
        a_talk(organisation, at(last), [("Do you engrave?", "Yes."), ("For how much?", "€ 5.")], used=[0, 1])
        a_talk(organisation, at(last) - timedelta(minutes=1), [("Is there parking?", "Yes.")])
        a_talk(organisation, at(before, 12), [("Is there parking?", "Yes.")], used=[0])
        a_talk(organisation, at(before, 13), [("Is there parking?", "Yes.")])
        a_talk(organisation, at(long_ago, 13), [("Is there parking?", "Yes.")], used=[0])
        for outcome, rank, shown in (
            ("used", 1, ["a"]), ("used", 2, ["a", "b"]), ("found", None, ["a"]), ("found", None, []),
            ("none", None, ["a"]),
        ):  # fmt: skip
            Suggested.objects.create(
                conversation_id=uuid4(), seq=1, language="en", outcome=outcome, rank=rank, shown=shown, at=at(last, 9)
            )
        for kind in ("helped", "helped", "did_not_help", "wrong"):
            Feedback.objects.create(article=article, cid=uuid4(), kind=kind, version=1, at=at(before, 23, 59))
        gap = Gap.objects.create(language="en", question="q", first_at=at(last, 1), last_at=at(last, 2))
        # Not a new one: it belongs to the other.
        Gap.objects.create(
            language="en", question="p", first_at=at(last, 1), last_at=at(last, 2), state="merged", merged_into=gap
        )
        for hour in (1, 2):
            UnansweredTurn.objects.create(
                conversation_id=uuid4(), seq=1, language="en", question="q", gap=gap, at=at(last, hour)
            )

    in_organisation(shop, lay)

    weeks = in_organisation(shop, weeks_until_now)

    assert [week.starts_on for week in weeks] == [monday(back) for back in reversed(range(12))]
    assert weeks == in_organisation(shop, slow_weeks, [week.starts_on for week in weeks])
    assert weeks[-2] == Week(
        starts_on=last, conversations=1, with_article=1, uses=6, first_uses=1, found=2, passed_over=2,
        helped=0, did_not_help=0, unanswered=2, new_gaps=1,
    )  # fmt: skip
    assert (weeks[-3].conversations, weeks[-3].with_article, weeks[-3].verdicts) == (3, 1, 3)
    assert sum(week.conversations for week in weeks) == 4


def slow_weeks(_organisation: OrganisationRef, mondays: list[date]) -> list[Week]:
    """The same, one row after the other in Python."""
    talks = list(Conversation.objects.all())
    used = list(Suggested.objects.exclude(outcome="none"))
    with_article = {one.conversation_id for one in used}
    weeks = []
    for starts_on in mondays:
        talks_then = [one for one in talks if week_of(one.opened_at) == starts_on]
        used_then = [one for one in used if week_of(one.at) == starts_on]
        verdicts = [one.kind for one in Feedback.objects.all() if week_of(one.at) == starts_on]
        weeks.append(
            Week(
                starts_on=starts_on,
                conversations=len(talks_then),
                with_article=sum(1 for one in talks_then if one.pk in with_article),
                uses=len(used_then),
                first_uses=sum(1 for one in used_then if one.outcome == "used" and one.rank == 1),
                found=sum(1 for one in used_then if one.outcome == "found"),
                passed_over=sum(
                    1 for one in used_then if one.shown and (one.outcome == "found" or (one.rank or 1) > 1)
                ),
                helped=verdicts.count("helped"),
                did_not_help=verdicts.count("did_not_help"),
                unanswered=sum(1 for one in UnansweredTurn.objects.all() if week_of(one.at) == starts_on),
                new_gaps=sum(1 for one in Gap.objects.exclude(state="merged") if week_of(one.first_at) == starts_on),
            )
        )
    return weeks


def test_what_waits_today_is_counted_by_the_organisations_own_date(shop: OrganisationRef) -> None:
    today = local_today(ZONE)
    yesterday = today - timedelta(days=1)
    lay_article(shop, review_on=yesterday)
    lay_article(shop, review_on=today)
    lay_article(shop, valid_until=yesterday, review_on=yesterday)
    lay_article(shop, is_live=False, review_on=yesterday)

    def lay(_organisation: OrganisationRef) -> None:
        now = datetime.now(UTC)
        for state, answer_by, flags in (
            ("open", yesterday, 2), ("open", today, 0), ("drafted", yesterday, 1), ("closed", yesterday, 1),
            ("dismissed", yesterday, 1),
        ):  # fmt: skip
            gap = Gap.objects.create(
                language="en", question="q", first_at=now, last_at=now, state=state, answer_by=answer_by
            )
            for seq in range(flags):
                UnansweredTurn.objects.create(
                    conversation_id=uuid4(), seq=seq, language="en", question="q", gap=gap, at=now, is_flagged=True
                )
        article = Article.objects.filter(state="live")[0]
        for kind, settled_at in (("wrong", None), ("outdated", now), ("helped", None), ("incomplete", None)):
            Feedback.objects.create(article=article, cid=uuid4(), kind=kind, version=1, settled_at=settled_at)

    in_organisation(shop, lay)

    standing = in_organisation(shop, standing_now)

    assert (standing.live, standing.to_check, standing.overdue_reviews, standing.expired) == (3, 0, 1, 1)
    assert (standing.gaps, standing.flagged_gaps, standing.late_gaps, standing.reports) == (3, 2, 2, 2)


def test_the_most_used_articles_come_first_with_their_title_in_the_first_language(shop: OrganisationRef) -> None:
    often = lay_article(
        shop, texts={"en": TextContent("Engraving", "Yes."), "nl": TextContent("Graveren", "Ja.")}, variants={}
    )
    seldom = lay_article(shop)
    gone = lay_article(shop, is_live=False)

    def lay(_organisation: OrganisationRef) -> None:
        Signal.objects.create(article=seldom, shown=50, used=3, passed_over=40)
        Signal.objects.create(article=often, shown=9, used=8)
        Signal.objects.create(article=gone, shown=90, used=80)
        for kind in ("helped", "helped", "did_not_help", "outdated"):
            Feedback.objects.create(article=often, cid=uuid4(), kind=kind, version=1, operator_id=MAUD.id)

    in_organisation(shop, lay)

    found = in_organisation(shop, most_used)

    assert [(one.title, one.used, one.shown, one.passed_over, one.helped, one.verdicts) for one in found] == [
        ("Graveren", 8, 9, 0, 2, 3),
        ("Returning something", 3, 50, 40, 0, 0),
    ]


def test_the_highest_week_fills_the_drawing_and_a_share_of_nothing_is_no_column() -> None:
    numbers = dict.fromkeys(
        ("conversations", "with_article", "first_uses", "found", "passed_over", "helped", "did_not_help", "new_gaps"), 0
    )
    weeks = [Week(starts_on=monday(2 - n), uses=4 * n, unanswered=0, **numbers) for n in range(3)]

    drawn = columns_of(weeks, lambda week: week.uses)
    shares = columns_of(weeks, lambda week: week.uses * 10 or None, 100)

    assert [(one.value, one.height, one.y) for one in drawn.columns] == [(0, 0, 100), (4, 50, 50), (8, HEIGHT, 0)]
    assert (drawn.top, shares.top) == (8, 100)
    assert [(one.value, one.height) for one in shares.columns] == [(None, 0), (40, 40), (80, 80)]
    assert columns_of(weeks, lambda week: week.unanswered).is_empty
