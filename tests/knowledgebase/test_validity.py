"""An article holds by the organisation's own date."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from knowledgebase.models import Article
from knowledgebase.validity import Validity, local_today, overdue_on, valid_on, validity_on
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme
from tests.knowledgebase.shelf import lay_article, shelf_cleared

TODAY = date(2026, 6, 15)
DAY = timedelta(days=1)


@dataclass
class Dates:
    valid_from: date | None = None
    valid_until: date | None = None
    review_on: date | None = None


CASES = [
    (Dates(), Validity.HOLDS),
    (Dates(valid_from=TODAY, valid_until=TODAY, review_on=TODAY), Validity.HOLDS),
    (Dates(valid_from=TODAY + DAY), Validity.NOT_YET),
    (Dates(valid_until=TODAY - DAY), Validity.EXPIRED),
    (Dates(valid_until=TODAY - DAY, review_on=TODAY - DAY), Validity.EXPIRED),
    (Dates(review_on=TODAY - DAY), Validity.OVERDUE),
]


@pytest.mark.parametrize(("dates", "expected"), CASES)
def test_the_first_and_the_last_day_and_the_day_of_review_still_hold(dates: Dates, expected: Validity) -> None:
    assert validity_on(dates, TODAY) is expected


def test_the_database_and_the_code_agree() -> None:
    def read(_organisation: OrganisationRef, ids: dict[UUID, Validity]) -> None:
        mine = Article.objects.filter(pk__in=ids)
        assert set(mine.filter(valid_on(TODAY)).values_list("pk", flat=True)) == {
            key for key, validity in ids.items() if validity in (Validity.HOLDS, Validity.OVERDUE)
        }
        assert set(mine.filter(overdue_on(TODAY)).values_list("pk", flat=True)) == {
            key for key, dates in zip(ids, (case[0] for case in CASES), strict=True) if dates.review_on == TODAY - DAY
        }

    with shelf_cleared(acme()):
        ids: dict[UUID, Validity] = {
            lay_article(
                acme(), valid_from=dates.valid_from, valid_until=dates.valid_until, review_on=dates.review_on
            ).pk: validity
            for dates, validity in CASES
        }
        in_organisation(acme(), read, ids)


def test_today_ends_at_midnight_where_the_organisation_is() -> None:
    tokyo = replace(acme(), time_zone="Asia/Tokyo")
    now = platform_now().astimezone(ZoneInfo("Asia/Tokyo"))
    to_midnight = (now + DAY).replace(hour=0, minute=0, second=0, microsecond=0) - now

    with clock_moved(to_midnight - timedelta(minutes=5)):
        assert local_today(tokyo) == now.date()
        with clock_moved(timedelta(minutes=10)):
            assert local_today(tokyo) == now.date() + DAY
