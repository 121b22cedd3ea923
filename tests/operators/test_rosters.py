"""The plan of the coming week, read from the tables, on its page and in the administration."""

import functools
import itertools
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from operators.cards import CardText, confirm_card, publish_card
from operators.models import ClientCard, Operator, Posting, Shift, ShiftException
from operators.rosters import ClientWeek, half_hours_of, slots_by_day, staffing_plan
from operators.selectors import OperatorRef
from operators.staffing import Slot
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.services import NewOrganisation, create_organisation
from tests.cast import Answer, client_of, logged_in

Hire = Callable[..., OperatorRef]
ZONE = "Europe/Amsterdam"
NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo(ZONE))
"""A Monday."""


@functools.cache
def _client() -> OrganisationRef:
    return create_organisation(
        NewOrganisation(
            slug="roster",
            name="Roster",
            host="roster.localhost",
            time_zone="Europe/London",
            hours=[(weekday, time(8), time(18)) for weekday in range(7)],
        )
    )


@pytest.fixture
def client() -> Iterator[OrganisationRef]:
    """Open from nine to seven by the platform's clock; nobody else has shifts."""
    Shift.objects.all().delete()
    ShiftException.objects.all().delete()
    ClientCard.objects.filter(organisation_id=_client().id).delete()
    yield _client()
    ClientCard.objects.filter(organisation_id=_client().id).delete()
    Shift.objects.all().delete()
    ShiftException.objects.all().delete()


def works(operator: OperatorRef, starts: time, ends: time, weekdays: range = range(7)) -> None:
    Shift.objects.bulk_create(
        Shift(operator_id=operator.id, weekday=weekday, starts=starts, ends=ends) for weekday in weekdays
    )


def week_of(organisation: OrganisationRef, now: datetime = NOON) -> ClientWeek:
    return next(one for one in staffing_plan(now, ZONE).clients if one.organisation.id == organisation.id)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(ZONE))


def test_gaps_are_what_nobody_trained_covers_from_now_on(client: OrganisationRef, hire: Hire) -> None:
    operator = hire(client)
    works(operator, time(9), time(18, 30))
    tuesday = NOON.date() + timedelta(days=1)
    ShiftException.objects.create(operator_id=operator.id, date=tuesday, kind="absent")

    gaps = week_of(client).gaps

    expected = [(at(NOON.date(), 18, 30), at(NOON.date(), 19)), (at(tuesday, 9), at(tuesday, 19))]
    later = [tuesday + timedelta(days=number) for number in range(1, 6)]
    assert gaps == expected + [(at(day, 18, 30), at(day, 19)) for day in later]


def test_who_has_not_confirmed_the_newest_card_or_answers_no_more_does_not_count(
    client: OrganisationRef, hire: Hire
) -> None:
    trained, untrained, left = hire(client, name="Anna"), hire(client, name="Ben"), hire(client, name="Cleo")
    for operator in (trained, untrained, left):
        works(operator, time(9), time(19))
    publish_card(client, CardText(tone="Calm.", dos="", donts="", specialists=""), None)
    for operator in (trained, left):
        confirm_card(operator.id, client, 1)
    Posting.objects.filter(operator_id=left.id).delete()

    plan = staffing_plan(NOON, ZONE)
    week = next(one for one in plan.clients if one.organisation.id == client.id)
    open_slots = [slot for slot in half_hours_of(plan, week) if slot.count is not None]

    assert week.gaps == []
    assert {(slot.count, slot.names, slot.untrained) for slot in open_slots} == {(1, ("Anna",), ("Ben",))}
    assert len(open_slots) == 7 * 20


def test_on_the_days_when_the_clocks_change_the_wall_has_an_hour_less_or_twice() -> None:
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)

    def halves(day: date) -> dict[time, list[Slot]]:
        begun = at(day, 0)
        lasts = at(day + timedelta(days=1), 0).timestamp() - begun.timestamp()
        slots = [
            Slot(datetime.fromtimestamp(begun.timestamp() + 1800 * number, ZoneInfo("UTC")), 0)
            for number in range(int(lasts // 1800))
        ]
        return slots_by_day(slots, ZoneInfo(ZONE))[day]

    assert time(2) not in halves(spring)
    assert len(halves(spring)) == 46
    assert [len(halves(autumn)[half]) for half in (time(1, 30), time(2), time(2, 30), time(3))] == [1, 2, 2, 1]


def test_the_plan_costs_the_same_queries_however_many_operators(client: OrganisationRef, hire: Hire) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            staffing_plan(NOON, ZONE)
        return len(captured)

    before = queries()
    for _ in range(5):
        works(hire(client), time(9), time(19))

    assert queries() == before == 7


def page(email: str = "sam@desk.example") -> str:
    answer = logged_in(email).get("/staffing/")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def source_with_table_of(organisation: OrganisationRef) -> str:
    """The page, of as many as there are, that draws the client's table."""
    reader = logged_in("sam@desk.example")
    for number in itertools.count(1):
        source = reader.get("/staffing/", {"page": number}).content.decode()
        if f'id="client-{organisation.slug}"' in source:
            return source
        assert f"?page={number + 1}" in source, "the client has no table on any page"
    raise AssertionError("pages without end")


def test_a_supervisor_reads_the_gaps_in_words(client: OrganisationRef, hire: Hire) -> None:
    assert "No shifts are planned yet." in page()

    operator = hire(client, name="<b>Olga")
    works(operator, time(0), time(0))
    tomorrow = platform_now().astimezone(ZoneInfo(settings.PLATFORM_TIME_ZONE)).date() + timedelta(days=1)
    ShiftException.objects.create(operator_id=operator.id, date=tomorrow, kind="absent", starts=time(9), ends=time(11))
    text = page()

    assert re.search(r"Open, and nobody planned .* Roster \w+ \d+ \w+ 09:00–11:00", text)
    source = source_with_table_of(client)
    assert "&lt;b&gt;Olga" in source
    assert "<b>Olga" not in source


@pytest.mark.parametrize("email", ["olga@desk.example", "maud@acme.example"])
def test_who_is_no_supervisor_finds_no_staffing(email: str) -> None:  # rule 17
    assert logged_in(email).get("/staffing/").status_code == 404
    stranger = client_of("desk.localhost").get("/staffing/")
    assert (stranger.status_code, stranger["Location"].split("?")[0]) == (302, "/login/")


def test_a_platform_administrator_is_led_to_the_shifts() -> None:
    source = logged_in("ada@desk.example").get("/staffing/").content.decode()

    assert "/admin/operators/operator/" in source


def change(operator: OperatorRef, **fields: str) -> Answer:
    """Saves the operator's page in the administration."""
    row = Operator.objects.get(pk=operator.id)
    form = {"name": row.name, "languages": "en", "capacity": "4"}
    for prefix in ("postings", "shifts", "shift_exceptions"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    path = f"/admin/operators/operator/{operator.id}/change/"
    return logged_in("ada@desk.example").post(path, form | fields)


def rows(prefix: str, *given: dict[str, str]) -> dict[str, str]:
    named = {f"{prefix}-{number}-{name}": value for number, row in enumerate(given) for name, value in row.items()}
    return named | {f"{prefix}-TOTAL_FORMS": str(len(given))}


def test_an_administrator_plans_shifts_and_days_that_differ(client: OrganisationRef, hire: Hire) -> None:
    operator = hire(client)
    night = {"weekday": "6", "starts": "22:00", "ends": "06:00", "valid_from": "2026-11-01", "valid_until": ""}
    ill = {"date": "2026-11-29", "kind": "absent", "starts": "", "ends": "", "label": "Ill"}

    answer = change(operator, **rows("shifts", night), **rows("shift_exceptions", ill))

    assert answer.status_code == 302, answer.content.decode()
    shift = Shift.objects.get(operator_id=operator.id)
    assert (shift.weekday, shift.starts, shift.ends, shift.valid_until) == (6, time(22), time(6), None)
    exception = ShiftException.objects.get(operator_id=operator.id)
    assert (exception.date, exception.starts, exception.label) == (date(2026, 11, 29), None, "Ill")


DAY = {"weekday": "0", "starts": "09:00", "ends": "17:00", "valid_from": "", "valid_until": ""}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (rows("shifts", {**DAY, "ends": "09:00"}), "A shift cannot end when it starts."),
        (
            rows("shifts", {**DAY, "valid_from": "2026-11-02", "valid_until": "2026-11-01"}),
            "This lies before the first day.",
        ),
        (
            rows("shifts", {**DAY, "weekday": "6", "starts": "22:00", "ends": "06:00"}, {**DAY, "starts": "05:00"}),
            "This overlaps with another shift of the same operator.",
        ),
        (
            rows("shift_exceptions", {"date": "2026-11-29", "kind": "extra", "starts": "", "ends": "", "label": ""}),
            "Extra hours need a start and an end.",
        ),
        (
            rows("shift_exceptions", {"date": "2026-11-29", "kind": "absent", "starts": "09:00", "ends": ""}),
            "Give both hours, or neither.",
        ),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused_in_words(
    client: OrganisationRef, hire: Hire, fields: dict[str, str], says: str
) -> None:  # rule 45
    operator = hire(client)

    answer = change(operator, **fields)

    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert "Constraint" not in answer.content.decode()
    assert not Shift.objects.filter(operator_id=operator.id).exists()
    assert not ShiftException.objects.filter(operator_id=operator.id).exists()


def test_shifts_that_follow_each_other_or_are_valid_one_after_the_other_do_not_overlap(
    client: OrganisationRef, hire: Hire
) -> None:
    operator = hire(client)
    old, new = {**DAY, "valid_until": "2026-11-30"}, {**DAY, "valid_from": "2026-12-01"}
    evening = {**DAY, "starts": "17:00", "ends": "00:00"}

    assert change(operator, **rows("shifts", old, new, evening)).status_code == 302
    assert Shift.objects.filter(operator_id=operator.id).count() == 3


def test_an_administrator_says_level_languages_and_topics_but_not_who_is_trained(
    client: OrganisationRef, hire: Hire
) -> None:
    operator = hire(client)
    posting = Posting.objects.get(operator_id=operator.id)
    row = {
        "id": str(posting.pk),
        "operator": str(operator.id),
        "organisation": str(client.id),
        "level": "3",
        "languages": "en, nl",
        "topics": "delivery",
        "confirmed_version": "9",
        "trained_at": "2026-01-01",
    }

    answer = change(operator, **rows("postings", row), **{"postings-INITIAL_FORMS": "1"})

    assert answer.status_code == 302, answer.content.decode()
    posting.refresh_from_db()
    assert (posting.level, posting.languages, posting.topics) == (3, ["en", "nl"], ["delivery"])
    assert (posting.confirmed_version, posting.trained_at) == (None, None)
