"""Opening hours on the organisation's site: what is drawn, what is refused, what is saved, and who hears of it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from operators.models import DueWork
from tenants.calendars import FOLLOWERS
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.models import (
    AuditRecord,
    CalendarKind,
    Membership,
    OpeningHours,
    Organisation,
    SpecialDay,
    SpecialInterval,
)
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import client_of
from tests.chromium import outside_browser
from tests.conversations.scene import WEBSITES, lay_conversation
from tests.servers import WebServer

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Page

PASSWORD = "correct horse battery"
PAGE = "/admin/tenants/specialday/"
NEXT_YEAR = datetime.now(UTC).year + 1


@cache
def made(slug: str) -> OrganisationRef:
    organisation = create_organisation(
        NewOrganisation(
            slug=slug, name=slug.title(), host=f"{slug}.localhost", time_zone="Europe/Amsterdam", languages=("nl", "en")
        )
    )
    create_account(f"manager@{slug}.example", "Mia", PASSWORD, memberships=[(organisation, Membership.Role.MANAGER)])
    return organisation


def a_client(slug: str = "hours-one") -> tuple[OrganisationRef, "Client"]:
    """An organisation of these tests, open from 8 to 23 and nothing else, and its manager's browser."""
    organisation = made(slug)
    for model in (OpeningHours, SpecialDay, AuditRecord):
        model.objects.filter(organisation_id=organisation.id).delete()
    Organisation.objects.filter(pk=organisation.id).update(country="", region="", closing_notice_minutes=15)
    OpeningHours.objects.bulk_create(
        OpeningHours(organisation_id=organisation.id, weekday=day, opens=time(8), closes=time(23)) for day in range(7)
    )
    client = client_of(f"{slug}.localhost")
    client.post("/login/", {"username": f"manager@{slug}.example", "password": PASSWORD})
    return organisation, client


def words(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def week_of(organisation: OrganisationRef, kind: str = CalendarKind.DESK) -> list[tuple[int, str, str]]:
    rows = OpeningHours.objects.filter(organisation_id=organisation.id, calendar=kind)
    return [(row.weekday, f"{row.opens:%H:%M}", f"{row.closes:%H:%M}") for row in rows]


def actions_of(organisation: OrganisationRef) -> list[str]:
    records = AuditRecord.objects.filter(organisation_id=organisation.id).order_by("at", "id")
    return [one.action for one in records]


@pytest.fixture
def followed() -> Iterator[list[Any]]:
    """The ids of organisations whose hours changed."""
    heard: list[Any] = []
    FOLLOWERS.append(heard.append)
    yield heard
    FOLLOWERS.remove(heard.append)


def special_day(date_: date | str, label: str, pairs: list[tuple[str, str]], **more: str) -> dict[str, str]:
    form = {
        "date": str(date_),
        "label": label,
        "calendar": "desk",
        "intervals-TOTAL_FORMS": str(len(pairs)),
        "intervals-INITIAL_FORMS": "0",
    }
    for n, (opens, closes) in enumerate(pairs):
        form |= {f"intervals-{n}-opens": opens, f"intervals-{n}-closes": closes}
    return form | more


def test_the_page_shows_what_visitors_see_now_and_the_coming_fortnight() -> None:
    organisation, client = a_client()
    tomorrow = platform_now().date() + timedelta(days=1)
    day = SpecialDay.objects.create(organisation_id=organisation.id, date=tomorrow, label="Stocktaking")
    SpecialInterval.objects.create(special_day=day, opens=time(20), closes=time(2))

    shown = words(client.get(PAGE))

    assert "What visitors see now" in shown
    assert re.search(r"(Open until|Closed; open again) (today|\w+ \d+ \w+) \d\d:\d\d", shown)
    assert shown.count("08:00–23:00") >= 13
    assert "20:00–02:00" in shown
    assert "Stocktaking" in shown


def test_the_day_on_which_the_clocks_change_says_so() -> None:
    _organisation, client = a_client()

    spring = words(client.get(PAGE, {"week": "2027-03-28"}))
    autumn = words(client.get(PAGE, {"week": "2027-10-31"}))

    assert "The clocks go forward: this day has 23 hours." in spring
    assert "The clocks go back: this day has 25 hours." in autumn
    assert words(client.get(PAGE, {"week": "nonsense"})) == words(client.get(PAGE))


def test_a_week_is_saved_as_a_whole(followed: list[Any]) -> None:
    organisation, client = a_client()
    form = {
        "opens-0": ["09:00", "13:00", ""],
        "closes-0": ["12:00", "17:30", ""],
        "opens-4": ["20:00"],
        "closes-4": ["02:00"],
        "opens-6": ["00:00"],
        "closes-6": ["00:00"],
    }

    response = client.post(f"{PAGE}week/?calendar=specialists", form)

    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert week_of(organisation, CalendarKind.SPECIALISTS) == [
        (0, "09:00", "12:00"),
        (0, "13:00", "17:30"),
        (4, "20:00", "02:00"),
        (6, "00:00", "00:00"),
    ]
    assert len(week_of(organisation)) == 7
    assert actions_of(organisation) == ["hours.changed"]
    assert followed == [organisation.id]


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"opens-0": ["09:00", "11:00"], "closes-0": ["12:00", "13:00"]}, "Overlaps with Monday 09:00–12:00."),
        ({"opens-0": ["01:00"], "closes-0": ["05:00"], "opens-6": ["20:00"], "closes-6": ["02:00"]},
         "Overlaps with Monday 01:00–05:00."),
        ({"opens-2": ["09:00"], "closes-2": ["09:00"]}, "Opens and closes at the same time."),
        ({"opens-2": ["09:00"], "closes-2": [""]}, "Fill in both times"),
        ({"opens-2": ["nine"], "closes-2": ["17:00"]}, "Fill in both times"),
    ],
)  # fmt: skip
def test_a_week_that_cannot_be_meant_is_refused_beside_its_row(
    form: dict[str, list[str]], problem: str, followed: list[Any]
) -> None:
    organisation, client = a_client()

    shown = words(client.post(f"{PAGE}week/?calendar=desk", form))

    assert problem in shown
    assert "Nothing was saved yet" in shown
    assert len(week_of(organisation)) == 7
    assert actions_of(organisation) == []
    assert followed == []


def test_intervals_that_touch_are_no_overlap() -> None:
    organisation, client = a_client()
    form = {"opens-0": ["09:00", "12:00"], "closes-0": ["12:00", "24:00"], "opens-1": ["00:00"], "closes-1": ["06:00"]}

    assert client.post(f"{PAGE}week/?calendar=desk", form).status_code == 302
    assert week_of(organisation) == [(0, "09:00", "12:00"), (0, "12:00", "00:00"), (1, "00:00", "06:00")]


def test_changed_hours_look_at_who_waits_again() -> None:
    organisation, client = a_client()
    WEBSITES[organisation.slug] = "shop"
    waiting = lay_conversation(organisation)
    DueWork.objects.filter(subject_id=waiting.id, kind=DueWork.Kind.CLOSING).delete()

    client.post(f"{PAGE}week/?calendar=desk", {"opens-0": ["09:00"], "closes-0": ["12:00"]})

    [work] = DueWork.objects.filter(subject_id=waiting.id, kind=DueWork.Kind.CLOSING)
    assert work.due_at <= platform_now()
    work.delete()


def test_a_special_day_is_added_changed_and_removed(followed: list[Any]) -> None:
    organisation, client = a_client()
    eve = date(NEXT_YEAR, 12, 31)

    added = client.post(f"{PAGE}add/", special_day(eve, "New Year's Eve", [("09:00", "12:00"), ("13:00", "17:00")]))

    assert added.status_code == 302
    day = SpecialDay.objects.get(organisation_id=organisation.id)
    assert (day.date, day.label, day.source) == (eve, "New Year's Eve", "manual")
    assert [f"{one}" for one in day.intervals.all()] == ["09:00–12:00", "13:00–17:00"]
    assert "New Year&#x27;s Eve" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}{day.pk}/delete/", {"post": "yes"})
    assert not SpecialDay.objects.filter(pk=day.pk).exists()
    assert actions_of(organisation) == ["specialday.added", "specialday.deleted"]
    assert followed == [organisation.id] * 2


@pytest.mark.parametrize(
    ("pairs", "problem"),
    [
        ([("09:00", "12:00"), ("11:00", "13:00")], "Overlaps with 09:00–12:00."),
        ([("09:00", "09:00")], "Opens and closes at the same time."),
    ],
)
def test_a_special_day_that_cannot_be_meant_is_refused(pairs: list[tuple[str, str]], problem: str) -> None:
    organisation, client = a_client()

    shown = words(client.post(f"{PAGE}add/", special_day(date(NEXT_YEAR, 1, 2), "Fair", pairs)))

    assert problem in shown
    assert not SpecialDay.objects.filter(organisation_id=organisation.id).exists()


def test_a_date_has_one_special_day_for_each_calendar() -> None:
    organisation, client = a_client()
    day = date(NEXT_YEAR, 1, 2)
    client.post(f"{PAGE}add/", special_day(day, "Fair", []))

    again = words(client.post(f"{PAGE}add/", special_day(day, "Other", [])))
    client.post(f"{PAGE}add/", special_day(day, "Course", [], calendar="specialists"))

    assert "This date has a special day already: Fair." in again
    days = SpecialDay.objects.filter(organisation_id=organisation.id).order_by("calendar")
    assert [(one.calendar, one.label) for one in days] == [("desk", "Fair"), ("specialists", "Course")]


def test_public_holidays_are_shown_added_and_taken_back_in_one_click(followed: list[Any]) -> None:
    organisation, client = a_client()
    SpecialDay.objects.create(organisation_id=organisation.id, date=date(NEXT_YEAR, 12, 25), label="Own Christmas")

    preview = client.get(f"{PAGE}holidays/", {"country": "NL", "year": [str(NEXT_YEAR)]})
    shown = words(preview)
    assert "Nieuwjaarsdag" in shown  # the organisation's first language
    assert "already there: Own Christmas" in shown
    assert SpecialDay.objects.filter(organisation_id=organisation.id).count() == 1
    dates = re.findall(r'name="date" value="([0-9-]+)"', preview.content.decode())
    chosen = [one for one in dates if not one.endswith("-01-01")]
    form = {
        "country": "NL",
        "region": "",
        "year": [str(NEXT_YEAR)],
        "calendar": ["desk"],
        "date": [*chosen, "2031-05-05"],
    }
    client.post(f"{PAGE}holidays/", {**form, "date": [*chosen, "2031-05-05"]})
    client.post(f"{PAGE}holidays/", form)

    days = {one.date: one for one in SpecialDay.objects.filter(organisation_id=organisation.id)}
    assert {one.isoformat() for one in days} == set(chosen)
    assert days[date(NEXT_YEAR, 12, 26)].label == "Tweede kerstdag"
    assert days[date(NEXT_YEAR, 12, 25)].label == "Own Christmas"
    stored = Organisation.objects.get(pk=organisation.id)
    assert (stored.country, stored.region) == ("NL", "")
    assert f"Remove the public holidays of {NEXT_YEAR}" in words(client.get(PAGE))

    client.post(f"{PAGE}holidays/remove/", {"year": str(NEXT_YEAR)})

    assert [one.label for one in SpecialDay.objects.filter(organisation_id=organisation.id)] == ["Own Christmas"]
    assert actions_of(organisation) == ["holidays.added", "holidays.removed"]
    assert followed == [organisation.id] * 2


def test_regions_have_holidays_of_their_own() -> None:
    _organisation, client = a_client()

    bavaria = words(client.get(f"{PAGE}holidays/", {"country": "DE", "region": "BY", "year": [str(NEXT_YEAR)]}))
    berlin = words(client.get(f"{PAGE}holidays/", {"country": "DE", "region": "BE", "year": [str(NEXT_YEAR)]}))

    assert "Heilige Drei Könige" in bavaria or "Epiphany" in bavaria
    assert "Heilige Drei Könige" not in berlin
    assert "Epiphany" not in berlin


@pytest.mark.parametrize(
    "asked", [{"country": "XX"}, {"country": "NL", "region": "ZZ"}, {"country": "NL", "year": ["9"]}]
)
def test_a_choice_that_does_not_exist_harms_nothing(asked: dict[str, Any]) -> None:
    organisation, client = a_client()

    assert client.get(f"{PAGE}holidays/", asked).status_code == 200
    assert client.post(f"{PAGE}holidays/", {**asked, "date": ["2027-01-01"]}).status_code in (200, 302)

    labels = SpecialDay.objects.filter(organisation_id=organisation.id).values_list("date", flat=True)
    assert set(labels) <= {date(2027, 1, 1)}


@pytest.mark.parametrize(("given", "stored"), [("30", 30), ("0", 0), ("241", 15), ("soon", 15), ("", 15)])
def test_the_closing_notice_is_changed_within_bounds(given: str, stored: int) -> None:
    organisation, client = a_client()

    assert client.post(f"{PAGE}notice/", {"minutes": given}).status_code == 302

    assert Organisation.objects.get(pk=organisation.id).closing_notice_minutes == stored
    assert actions_of(organisation) == (["hours.notice_changed"] if stored != 15 else [])


def test_another_organisations_special_day_stays_out_of_reach() -> None:
    theirs, _client = a_client("hours-two")
    day = SpecialDay.objects.create(organisation_id=theirs.id, date=date(NEXT_YEAR, 1, 2), label="Theirs")
    _ours, client = a_client()

    assert client.get(f"{PAGE}{day.pk}/change/").status_code == 302
    client.post(f"{PAGE}{day.pk}/change/", special_day(day.date, "Ours now", []))
    client.post(f"{PAGE}{day.pk}/delete/", {"post": "yes"})
    client.post(f"{PAGE}holidays/remove/", {"year": str(NEXT_YEAR)})

    day.refresh_from_db()
    assert (day.label, day.organisation_id) == ("Theirs", theirs.id)
    assert "Theirs" not in words(client.get(PAGE))


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_hours_are_changed_in_a_browser(page: "Page", web_server: WebServer, width: int, scheme: str) -> None:
    with outside_browser():
        organisation, _client = a_client()
        tomorrow = platform_now().date() + timedelta(days=1)
        SpecialDay.objects.create(organisation_id=organisation.id, date=tomorrow, label="Stocktaking")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(web_server.url(f"{organisation.slug}.localhost", PAGE))
    page.fill("[name=username]", f"manager@{organisation.slug}.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button-main")
    page.wait_for_selector(".week")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".week rect.bar-desk").count() == 6

    page.get_by_role("link", name="Change the specialists' weekly hours").click()
    monday = page.get_by_role("group", name="Monday")
    monday.get_by_role("button", name="Add an interval").click()
    monday.get_by_label("opens").fill("09:00")
    monday.get_by_label("closes").fill("09:00")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Opens and closes at the same time.").wait_for()
    monday.get_by_label("closes").fill("17:00")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector(".week rect.bar-specialists")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.get_by_role("link", name="Add public holidays").click()
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Region").select_option("BY")
    page.wait_for_url("**region=BY**")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Add as closed days").click()
    page.locator("#special-title").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    with outside_browser():
        assert week_of(organisation, CalendarKind.SPECIALISTS) == [(0, "09:00", "17:00")]
        stored = Organisation.objects.get(pk=organisation.id)
        assert (stored.country, stored.region) == ("DE", "BY")
        kinds = SpecialDay.objects.filter(organisation_id=organisation.id, source="holiday").values_list("calendar")
        assert {kind for (kind,) in kinds} == {"desk", "specialists"}
