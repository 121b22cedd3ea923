"""Opening hours on the organisation's site: what visitors will see, the week, special days and public holidays."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import DateField, Field, Model, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES

from tenants.admin_site import OrganisationSite, Page, RowsInside, organisation_site
from tenants.calendars import (
    add_holidays,
    hours_changed,
    hours_text,
    imported_years,
    problems_of,
    remove_holidays,
    replace_week,
    set_closing_notice,
)
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid
from tenants.hours import Interval, calendar_of, opening_at
from tenants.hours_pictures import days_of, opening_sentence
from tenants.models import CalendarKind, OpeningHours, Organisation, SpecialDay, SpecialInterval
from tenants.public_holidays import PublicHoliday, countries, holidays_of, regions

PREVIEW_DAYS = 14
YEARS_AHEAD = 3
INTERVALS_PER_DAY = 8


class SpecialDayForm(forms.ModelForm):
    """One special day per date and calendar."""

    organisation_id: Any = None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"calendar", "date"} <= cleaned.keys():
            same = SpecialDay.objects.filter(
                organisation_id=self.organisation_id, calendar=cleaned["calendar"], date=cleaned["date"]
            )
            other = same.exclude(pk=self.instance.pk).first()
            if other is not None:
                raise ValidationError(
                    {"date": _("This date has a special day already: %(label)s.") % {"label": other.label}}
                )
        return cleaned


class SpecialIntervalForms(BaseInlineFormSet):
    """The hours of one special day: each pair has two times, and none overlap."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        pairs = [(form, form.cleaned_data.get("opens"), form.cleaned_data.get("closes")) for form in kept]
        complete = [(form, Interval(0, opens, closes)) for form, opens, closes in pairs if opens and closes]
        for position, problem in problems_of([one for _form, one in complete], repeats=False).items():
            complete[position][0].add_error("opens", str(problem))
        if any(form.errors for form in kept):
            raise ValidationError(_("Please look at the hours again."))


class SpecialIntervalRows(RowsInside):
    """None: closed all day."""

    model = SpecialInterval
    formset = SpecialIntervalForms
    fields = ["opens", "closes"]
    can_add = can_change = can_delete = True
    max_num = INTERVALS_PER_DAY
    verbose_name = _("interval")
    verbose_name_plural = _("hours on this day (none: closed)")


@admin.register(SpecialDay, site=organisation_site)
class HoursPage(Page):
    """One page for all hours; special days have forms of their own behind it."""

    group = OrganisationSite.SETTINGS
    position = 4
    icon = "schedule"
    menu_title = _("opening hours")
    can_add = can_change = can_delete = True
    form = SpecialDayForm
    fields = ["date", "label", "calendar"]
    inlines = [SpecialIntervalRows]

    def get_urls(self) -> list[URLPattern]:
        def own(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"tenants_specialday_{name}")

        return [
            own("week/", self.week_view, "week"),
            own("holidays/", self.holidays_view, "holidays"),
            own("holidays/remove/", self.remove_holidays_view, "remove_holidays"),
            own("notice/", self.notice_view, "notice"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(organisation_id=_organisation(request).id)

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, DateField):
            # The browser's own: Django's would warn of the server's time zone, which has no part in a date.
            kwargs["widget"] = forms.DateInput(
                attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d"
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.organisation_id = _organisation(request).id
        return form

    def save_model(self, request: HttpRequest, obj: SpecialDay, form: forms.ModelForm, change: bool) -> None:
        obj.organisation_id = _organisation(request).id
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        hours_changed(form.instance.organisation_id)

    def delete_model(self, request: HttpRequest, obj: SpecialDay) -> None:
        super().delete_model(request, obj)
        hours_changed(obj.organisation_id)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What visitors see now, seven days drawn, the coming days, and everything that can be changed. Ten queries."""
        organisation = _organisation(request)
        now = platform_now()
        desk, specialists = calendar_of(organisation), calendar_of(organisation, CalendarKind.SPECIALISTS)
        today = now.astimezone(desk.zone).date()
        first = _date(request.GET.get("week", ""), today)
        special_days = self.get_queryset(request).prefetch_related("intervals").order_by("date", "calendar")
        return self._page(
            request,
            "admin/hours.html",
            _("Opening hours"),
            {
                "sentence": opening_sentence(opening_at(desk, now), now),
                "notice_minutes": Organisation.objects.get(pk=organisation.id).closing_notice_minutes,
                "week": days_of(desk, specialists, first, 7, today),
                "hour_lines": [(hour, hour * 60) for hour in range(0, 25, 6)],
                "earlier": first - timedelta(days=7),
                "later": first + timedelta(days=7),
                "specialists_apart": _has_own_hours(organisation),
                "days": days_of(desk, specialists, today, PREVIEW_DAYS, today),
                "special_days": [(day, _texts_of(day)) for day in special_days.filter(date__gte=today)],
                "past_days": special_days.filter(date__lt=today).count(),
                "imported_years": imported_years(organisation.id, today),
                **(extra_context or {}),
            },
        )

    def week_view(self, request: HttpRequest) -> HttpResponse:
        """The weekly hours of one calendar: any number of intervals a day, all saved at once or not at all."""
        organisation = _organisation(request)
        kind = request.GET.get("calendar", "")
        if kind not in CalendarKind.values:
            kind = CalendarKind.DESK.value
        given = _given_week(request) if request.method == "POST" else _stored_week(organisation, kind)
        problems: dict[int, str] = {}
        if request.method == "POST":
            week, problems = _week_of(given)
            if not problems:
                replace_week(organisation, kind, week, actor_id=_actor(request))
                self.message_user(request, gettext("The hours were saved."), messages.SUCCESS)
                return self._back()
        rows = [
            (
                weekday,
                WEEKDAYS[weekday],
                [(*pair, problems.get(n, "")) for n, (day, *pair) in enumerate(given) if day == weekday],
            )
            for weekday in range(7)
        ]
        title = _("Weekly hours of the desk") if kind == CalendarKind.DESK else _("Weekly hours of the specialists")
        return self._page(
            request,
            "admin/hours_week.html",
            title,
            {"rows": rows, "has_problems": bool(problems), "is_desk": kind == CalendarKind.DESK},
        )

    def holidays_view(self, request: HttpRequest) -> HttpResponse:
        """Choose country, region and years; look at what would be added; add it."""
        organisation = _organisation(request)
        stored = Organisation.objects.get(pk=organisation.id)
        asked = request.POST if request.method == "POST" else request.GET
        country = asked.get("country", stored.country or "")
        region = asked.get("region", stored.region if country == stored.country else "")
        today = platform_now().astimezone(ZoneInfo(organisation.time_zone)).date()
        offered = range(today.year, today.year + YEARS_AHEAD)
        years = [year for year in offered if str(year) in asked.getlist("year")] or [*offered][:2]
        if region not in dict(regions(country)):
            region = ""
        kinds = [kind for kind in CalendarKind.values if kind in asked.getlist("calendar")] or list(
            _own_kinds(organisation)
        )
        found: list[PublicHoliday] = []
        try:
            for year in years if country else []:
                of_year = holidays_of(country, region, year, organisation.languages)
                found += [one for one in of_year if one.date >= today]
        except Invalid as error:
            self.message_user(request, str(error.message), messages.ERROR)
        if request.method == "POST":
            chosen = [one for one in found if one.date.isoformat() in request.POST.getlist("date")]
            added = add_holidays(organisation, kinds, chosen, country=country, region=region, actor_id=_actor(request))
            text = ngettext("%(count)s special day was added.", "%(count)s special days were added.", added)
            self.message_user(request, text % {"count": added}, messages.SUCCESS)
            return self._back()
        known = SpecialDay.objects.filter(
            organisation_id=organisation.id, calendar__in=kinds, date__in=[one.date for one in found]
        )
        labels: dict[date, dict[str, str]] = {}
        for day in known:
            labels.setdefault(day.date, {})[day.calendar] = day.label
        rows = [
            (one, "; ".join(dict.fromkeys(there.values())), len(there) < len(kinds))
            for one in found
            for there in [labels.get(one.date, {})]
        ]
        return self._page(
            request,
            "admin/hours_holidays.html",
            _("Public holidays"),
            {
                "countries": countries(),
                "regions": regions(country),
                "country": country,
                "region": region,
                "offered_years": offered,
                "years": years,
                "kinds": [(kind, label, kind in kinds) for kind, label in CalendarKind.choices],
                "rows": rows,
                "can_be_added": sum(1 for _one, _known, is_new in rows if is_new),
            },
        )

    def remove_holidays_view(self, request: HttpRequest) -> HttpResponse:
        """Takes back one year's imported days."""
        year = request.POST.get("year", "")
        if request.method == "POST" and year.isdecimal() and len(year) == 4:
            removed = remove_holidays(_organisation(request), int(year), actor_id=_actor(request))
            text = ngettext("%(count)s special day was removed.", "%(count)s special days were removed.", removed)
            self.message_user(request, text % {"count": removed}, messages.SUCCESS)
        return self._back()

    def notice_view(self, request: HttpRequest) -> HttpResponse:
        """How long before closing visitors are told."""
        minutes = request.POST.get("minutes", "")
        if request.method == "POST":
            try:
                set_closing_notice(
                    _organisation(request), int(minutes) if minutes.isdecimal() else -1, actor_id=_actor(request)
                )
                self.message_user(request, gettext("The closing notice was saved."), messages.SUCCESS)
            except Invalid as error:
                self.message_user(request, str(error.message), messages.ERROR)
        return self._back()

    def _page(self, request: HttpRequest, template: str, title: Any, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "title": title}
        return TemplateResponse(request, template, {**shared, **context})

    def _back(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:tenants_specialday_changelist", current_app=self.admin_site.name))


def _organisation(request: HttpRequest) -> OrganisationRef:
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    return organisation


def _actor(request: HttpRequest) -> Any:
    return request.user.pk


def _has_own_hours(organisation: OrganisationRef) -> bool:
    return OpeningHours.objects.filter(organisation_id=organisation.id, calendar=CalendarKind.SPECIALISTS).exists()


def _own_kinds(organisation: OrganisationRef) -> Sequence[str]:
    """The calendars that need special days of their own: specialists without hours of their own have the desk's."""
    return CalendarKind.values if _has_own_hours(organisation) else [CalendarKind.DESK.value]


def _texts_of(day: SpecialDay) -> list[str]:
    return [hours_text(one.opens, one.closes) for one in sorted(day.intervals.all(), key=lambda one: one.opens)]


def _date(text: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if abs((found - otherwise).days) < 800 else otherwise


def _stored_week(organisation: OrganisationRef, kind: str) -> list[tuple[int, str, str]]:
    rows = OpeningHours.objects.filter(organisation_id=organisation.id, calendar=kind).order_by("weekday", "opens")
    return [(row.weekday, f"{row.opens:%H:%M}", f"{row.closes:%H:%M}") for row in rows]


def _given_week(request: HttpRequest) -> list[tuple[int, str, str]]:
    """(weekday, opens, closes) as they were typed; rows that were left empty are gone."""
    return [
        (weekday, opens.strip(), closes.strip())
        for weekday in range(7)
        for opens, closes in zip(
            request.POST.getlist(f"opens-{weekday}")[:INTERVALS_PER_DAY],
            request.POST.getlist(f"closes-{weekday}")[:INTERVALS_PER_DAY],
            strict=False,
        )
        if opens.strip() or closes.strip()
    ]


def _week_of(given: Sequence[tuple[int, str, str]]) -> tuple[list[Interval], dict[int, str]]:
    """The intervals, and position → what is wrong with that row."""
    problems: dict[int, str] = {}
    week, positions = [], []
    for position, (weekday, opens, closes) in enumerate(given):
        times = _time(opens), _time(closes)
        if times[0] is None or times[1] is None:
            problems[position] = gettext("Fill in both times, such as 08:00 and 23:00.")
            continue
        week.append(Interval(weekday, times[0], times[1]))
        positions.append(position)
    problems |= {positions[n]: str(problem) for n, problem in problems_of(week, repeats=True).items()}
    return week, problems


def _time(text: str) -> time | None:
    """Midnight at the end of a day may be written 24:00."""
    try:
        return time(0) if text == "24:00" else datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 (a wall clock's)
    except ValueError:
        return None
