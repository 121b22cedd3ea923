"""What platform administrators do: clients and operators."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from operators.models import Operator, Posting
from ratings.selectors import local_today
from ratings.services import build_report
from tenants.context import in_organisation
from tenants.models import Organisation, User
from tenants.services import NewOrganisation, create_account, create_organisation
from tenants.tasks import provision_organisation
from tests.cast import DESK, acme, client_of, logged_in

ADA = "ada@desk.example"


def add_client(client: Client, slug: str, changes: dict[str, str] | None = None) -> int:
    form = {
        "name": slug.title(),
        "slug": slug,
        "kind": "client",
        "colour": "#1f6f54",
        "time_zone": "Asia/Tokyo",
        "languages": "ja, en",
        "first_reply_seconds": "20",
        "follow_up_seconds": "30",
        "specialist_accept_minutes": "15",
        "specialist_answer_minutes": "240",
        "warn_percent": "60",
        "domains-TOTAL_FORMS": "1",
        "domains-INITIAL_FORMS": "0",
        "domains-0-domain": f"{slug.upper()}.localhost",
        "domains-0-is_primary": "on",
        "websites-TOTAL_FORMS": "0",
        "websites-INITIAL_FORMS": "0",
        "opening_hours-TOTAL_FORMS": "0",
        "opening_hours-INITIAL_FORMS": "0",
        "texts-TOTAL_FORMS": "0",
        "texts-INITIAL_FORMS": "0",
    }
    return client.post("/admin/tenants/organisation/add/", form | (changes or {})).status_code


def test_a_new_client_is_rows_at_once_and_a_schema_by_task(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(provision_organisation, "delay", sent.append)
    slug = f"new-{uuid4().hex[:8]}"

    status = add_client(logged_in(ADA), slug)

    assert status == 302
    made = Organisation.objects.get(slug=slug)
    assert (made.state, made.schema_name, made.languages) == (
        "provisioning",
        "o_" + slug.replace("-", "_"),
        ["ja", "en"],
    )
    assert [domain.domain for domain in made.domains.all()] == [f"{slug}.localhost"]
    assert sent == [slug]
    provision_organisation(slug)
    assert client_of(f"{slug}.localhost").get("/admin/").status_code == 302


def test_a_broker_that_is_down_does_not_lose_the_new_client(monkeypatch: pytest.MonkeyPatch) -> None:  # rule 11
    def refuse(_slug: str) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(provision_organisation, "delay", refuse)
    slug = f"new-{uuid4().hex[:8]}"

    assert add_client(logged_in(ADA), slug) == 302
    assert Organisation.objects.get(slug=slug).state == "provisioning"


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "Not A Slug"},
        {"languages": "xx"},
        {"languages": ""},
        {"colour": "green"},
        {"domains-0-domain": DESK},
        {"domains-0-domain": "https://shop.example/"},
        {"domains-0-domain": "acme.localhost"},
        {"domains-TOTAL_FORMS": "0"},
    ],
)
def test_a_client_that_could_not_work_is_refused_whole(wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    acme()
    monkeypatch.setattr(provision_organisation, "delay", lambda _slug: pytest.fail("nothing was to be sent"))
    slug = f"wrong-{uuid4().hex[:8]}"

    assert add_client(logged_in(ADA), slug, wrong) == 200
    assert not Organisation.objects.filter(name=slug.title()).exists()


def test_an_operator_is_posted_to_a_client() -> None:
    user: User = create_account(f"{uuid4().hex}@desk.example", "Oscar", None, staff_roles=["operator"])
    form = {
        "user": str(user.pk),
        "name": "Oscar",
        "languages": "en, nl",
        "capacity": "3",
        "postings-TOTAL_FORMS": "1",
        "postings-INITIAL_FORMS": "0",
        "postings-0-organisation": str(acme().id),
        "postings-0-level": "2",
        "shifts-TOTAL_FORMS": "0",
        "shifts-INITIAL_FORMS": "0",
        "shift_exceptions-TOTAL_FORMS": "0",
        "shift_exceptions-INITIAL_FORMS": "0",
    }

    assert logged_in(ADA).post("/admin/operators/operator/add/", form).status_code == 302

    oscar = Operator.objects.get(user=user)
    assert (oscar.languages, oscar.capacity) == (["en", "nl"], 3)
    assert list(Posting.objects.filter(operator=oscar).values_list("organisation_id", flat=True)) == [acme().id]


def test_nothing_is_deleted_that_others_point_at() -> None:
    client = logged_in(ADA)
    user = create_account(f"{uuid4().hex}@desk.example", "Kept", None)

    for path in (f"organisation/{acme().id}", f"user/{user.pk}"):
        assert client.post(f"/admin/tenants/{path}/delete/", {"post": "yes"}).status_code == 403

    assert User.objects.filter(pk=user.pk).exists()


def hours_rows(*rows: tuple[str, str, str, str]) -> dict[str, str]:
    """What the page's form sends for these new intervals: (calendar, weekday, opens, closes)."""
    form = {"opening_hours-TOTAL_FORMS": str(len(rows))}
    for n, row in enumerate(rows):
        for name, value in zip(("calendar", "weekday", "opens", "closes"), row, strict=True):
            form[f"opening_hours-{n}-{name}"] = value
    return form


def test_a_new_clients_hours_are_refused_where_they_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provision_organisation, "delay", lambda _slug: None)
    wrong, right = f"new-{uuid4().hex[:8]}", f"new-{uuid4().hex[:8]}"
    monday, night = ("desk", "0", "08:00", "17:00"), ("desk", "0", "16:00", "02:00")

    assert add_client(logged_in(ADA), wrong, hours_rows(monday, night)) == 200
    # The specialists' hours are another calendar.
    assert add_client(logged_in(ADA), right, hours_rows(monday, ("specialists", *night[1:]))) == 302

    assert not Organisation.objects.filter(slug=wrong).exists()
    made = Organisation.objects.get(slug=right)
    assert {(one.calendar, f"{one.opens:%H:%M}") for one in made.opening_hours.all()} == {
        ("desk", "08:00"),
        ("specialists", "16:00"),
    }
    made.delete(force_drop=False)


def test_all_clients_figures_are_shown_by_day_until_weeks_or_months_are_asked_for() -> None:
    organisation = create_organisation(NewOrganisation(slug="figured", name="Figured", host="figured.localhost"))
    yesterday = local_today(organisation.time_zone) - timedelta(days=1)
    for kind in ("day", "week", "month"):
        in_organisation(organisation, build_report, yesterday, kind)
    ada = logged_in(ADA)

    def listed(period: str) -> list[str]:
        page = ada.get(
            "/admin/tenants/reportfigures/",
            {"organisation__id__exact": str(organisation.id), **({"period": period} if period else {})},
        )
        assert page.status_code == 200
        return [row.period_kind for row in (page.context_data or {})["cl"].result_list]

    assert [listed(period) for period in ("", "week", "month")] == [["day"], ["week"], ["month"]]
    front = ada.get("/admin/", {"period": "day", "day": yesterday.isoformat()}).context_data or {}
    assert [row.name for row in front["shown"].rows if row.figures and row.name == "Figured"] == ["Figured"]
