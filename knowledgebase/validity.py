"""Whether an article holds on a day. Days are the organisation's own: an article that holds until the 30th holds until
midnight where the organisation is."""

from datetime import date
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db.models import Q

from tenants.clock import platform_now
from tenants.context import OrganisationRef


class Validity(StrEnum):
    HOLDS = "holds"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    OVERDUE = "overdue"  # holds, but should have been reviewed: it sinks


class Dated(Protocol):
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_until(self) -> date | None: ...
    @property
    def review_on(self) -> date | None: ...


def local_today(organisation: OrganisationRef) -> date:
    """The date where the organisation is. One query."""
    return platform_now().astimezone(ZoneInfo(organisation.time_zone)).date()


def validity_on(article: Dated, day: date) -> Validity:
    """How the article stands on this day. The review date itself is still in time."""
    if article.valid_from is not None and day < article.valid_from:
        return Validity.NOT_YET
    if article.valid_until is not None and day > article.valid_until:
        return Validity.EXPIRED
    if article.review_on is not None and day > article.review_on:
        return Validity.OVERDUE
    return Validity.HOLDS


def valid_on(day: date) -> Q:
    """The articles that may be suggested on this day, overdue ones among them."""
    return (Q(valid_from=None) | Q(valid_from__lte=day)) & (Q(valid_until=None) | Q(valid_until__gte=day))


def overdue_on(day: date) -> Q:
    """The articles that should have been reviewed before this day."""
    return Q(review_on__lt=day)
