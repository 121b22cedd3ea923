"""Changes of an organisation's hours. Each is audited, and whoever planned work by the hours hears of it."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from tenants.context import OrganisationRef
from tenants.errors import Invalid
from tenants.hours import Interval
from tenants.models import OpeningHours, Organisation, SpecialDay
from tenants.public_holidays import PublicHoliday
from tenants.services import record_audit

FOLLOWERS: list[Callable[[UUID], None]] = []
"""Called with the organisation's id in the transaction that changed its hours. Apps above add theirs at the start."""

MIDNIGHT = time(0)
WEEK = timedelta(days=7)


def hours_changed(organisation_id: UUID) -> None:
    """Lets everybody who planned by the hours look again. In the caller's transaction."""
    for follow in FOLLOWERS:
        follow(organisation_id)


def replace_week(organisation: OrganisationRef, kind: str, week: Sequence[Interval], *, actor_id: UUID | None) -> None:
    """These are the week's hours from now on. Locks the organisation. Raises Invalid (equal times, overlaps)."""
    problems = problems_of(week, repeats=True)
    if problems:
        raise Invalid(next(iter(problems.values())))
    with transaction.atomic():
        _lock(organisation)
        OpeningHours.objects.filter(organisation_id=organisation.id, calendar=kind).delete()
        OpeningHours.objects.bulk_create(
            OpeningHours(
                organisation_id=organisation.id, calendar=kind, weekday=one.weekday, opens=one.opens, closes=one.closes
            )
            for one in week
        )
        record_audit(organisation.id, actor_id, "hours.changed", str(kind))
        hours_changed(organisation.id)


def add_holidays(
    organisation: OrganisationRef,
    kinds: Collection[str],
    chosen: Sequence[PublicHoliday],
    *,
    country: str,
    region: str,
    actor_id: UUID | None,
) -> int:
    """Adds closed days; a date that has a special day already keeps it. Returns how many were added.

    Locks the organisation, which remembers country and region. Safe to repeat.
    """
    with transaction.atomic():
        _lock(organisation)
        Organisation.objects.filter(pk=organisation.id).update(country=country, region=region)
        known = set(SpecialDay.objects.filter(organisation_id=organisation.id).values_list("calendar", "date"))
        added = SpecialDay.objects.bulk_create(
            SpecialDay(
                organisation_id=organisation.id,
                calendar=kind,
                date=one.date,
                label=one.name,
                source=SpecialDay.Source.HOLIDAY,
            )
            for kind in kinds
            for one in chosen
            if (kind, one.date) not in known
        )
        if added:
            record_audit(organisation.id, actor_id, "holidays.added", f"{country} {region}".strip())
            hours_changed(organisation.id)
    return len(added)


def remove_holidays(organisation: OrganisationRef, year: int, *, actor_id: UUID | None) -> int:
    """Takes back what was imported for this year, for all calendars; days that were entered by hand stay. Returns how
    many were removed. Locks the organisation."""
    with transaction.atomic():
        _lock(organisation)
        imported = SpecialDay.objects.filter(
            organisation_id=organisation.id, source=SpecialDay.Source.HOLIDAY, date__year=year
        )
        removed = imported.count()
        imported.delete()
        if removed:
            record_audit(organisation.id, actor_id, "holidays.removed", str(year))
            hours_changed(organisation.id)
    return removed


def set_closing_notice(organisation: OrganisationRef, minutes: int, *, actor_id: UUID | None) -> None:
    """How long before closing visitors are told. Raises Invalid above four hours."""
    if not 0 <= minutes <= 240:
        raise Invalid(_("Choose between 0 and 240 minutes."))
    with transaction.atomic():
        Organisation.objects.filter(pk=organisation.id).update(closing_notice_minutes=minutes)
        record_audit(organisation.id, actor_id, "hours.notice_changed", str(minutes))


def problems_of(intervals: Sequence[Interval], *, repeats: bool) -> dict[int, str | LazyText]:
    """Position → what is wrong with that interval. ``repeats``: the week begins anew after Sunday."""
    problems: dict[int, str | LazyText] = {}
    spans = [_span(one) for one in intervals]
    for position, one in enumerate(intervals):
        if one.opens == one.closes != MIDNIGHT:
            problems[position] = _("Opens and closes at the same time. For the whole day use 00:00 to 00:00.")
            continue
        for earlier in range(position):
            shifts = (-WEEK, timedelta(0), WEEK) if repeats else (timedelta(0),)
            (start, end), (opens, closes) = spans[position], spans[earlier]
            if any(start + shift < closes and opens < end + shift for shift in shifts):
                problems[position] = _("Overlaps with %(interval)s.") % {
                    "interval": interval_text(intervals[earlier], with_day=repeats)
                }
                break
    return problems


def interval_text(interval: Interval, *, with_day: bool) -> str:
    """ "Monday 08:00–23:00"; midnight at the end is 24:00."""
    day = f"{WEEKDAYS[interval.weekday]} " if with_day else ""
    return day + hours_text(interval.opens, interval.closes)


def hours_text(opens: time, closes: time) -> str:
    """ "08:00–23:00"; midnight at the end is 24:00."""
    return f"{opens:%H:%M}–{'24:00' if closes == MIDNIGHT else f'{closes:%H:%M}'}"


def _span(interval: Interval) -> tuple[timedelta, timedelta]:
    """From Monday's midnight on."""
    day = timedelta(days=interval.weekday)
    opens, closes = (timedelta(hours=one.hour, minutes=one.minute) for one in (interval.opens, interval.closes))
    return day + opens, day + closes + timedelta(days=interval.closes <= interval.opens)


def _lock(organisation: OrganisationRef) -> None:
    """Two people who save at once come one after the other."""
    Organisation.objects.select_for_update().get(pk=organisation.id)


def imported_years(organisation_id: UUID, since: date) -> list[int]:
    """The years, from this one on, of which holidays were imported. One query."""
    imported = SpecialDay.objects.filter(
        organisation_id=organisation_id, source=SpecialDay.Source.HOLIDAY, date__gte=date(since.year, 1, 1)
    )
    return sorted({day.year for day in imported.values_list("date", flat=True)})
