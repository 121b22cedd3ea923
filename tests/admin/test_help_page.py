"""Instant answers on the organisation's site."""

from collections.abc import Iterator

import pytest
from django.test import Client

from knowledgebase.models import HelpSettings
from tenants.context import in_organisation
from tenants.models import AuditRecord
from tests.cast import acme, globex, logged_in

PAGE = "/admin/knowledgebase/helpsettings/"


@pytest.fixture
def maud(platform_database: None) -> Iterator[Client]:
    yield logged_in("maud@acme.example", "acme.localhost")
    in_organisation(acme(), lambda _: HelpSettings.objects.all().delete())


def stored() -> list[tuple[bool, int | None]]:
    rows = HelpSettings.objects.values_list("answers_by_itself", "sure_percent")
    return in_organisation(acme(), lambda _: list(rows.all()))


def test_the_page_is_one_form_that_shows_the_defaults_and_stores_nothing_by_being_looked_at(maud: Client) -> None:
    page = maud.get(PAGE, follow=True)

    assert page.status_code == 200
    assert page.context["adminform"].form.initial == {"answers_by_itself": True, "sure_percent": None}
    assert stored() == []


def test_a_manager_switches_it_off_or_wants_it_surer_and_that_is_audited(maud: Client) -> None:
    before = AuditRecord.objects.filter(action="helpsettings.changed").count()

    maud.post(f"{PAGE}1/change/", {"answers_by_itself": "on", "sure_percent": "99"})
    assert stored() == [(True, 99)]
    maud.post(f"{PAGE}1/change/", {"sure_percent": ""})
    assert stored() == [(False, None)]

    assert AuditRecord.objects.filter(action="helpsettings.changed").count() == before + 2
    assert in_organisation(globex(), lambda _: HelpSettings.objects.count()) == 0


@pytest.mark.parametrize("percent", ["49", "101", "sure"])
def test_an_impossible_threshold_is_refused_with_words(maud: Client, percent: str) -> None:
    page = maud.post(f"{PAGE}1/change/", {"answers_by_itself": "on", "sure_percent": percent})

    assert page.status_code == 200
    assert "sure_percent" in page.context["adminform"].form.errors
    assert stored() == []
