"""The demo: loaded twice it is the same, people's changes stay, and it never reaches production."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from chatplatform import demo
from chatplatform.demo_content import ACME, GLOBEX
from knowledgebase.content import content_of, with_content
from knowledgebase.filling import fill
from knowledgebase.models import Article, Manner, Notice, Product
from knowledgebase.selectors import facts_for, topic_choices
from knowledgebase.services.articles import Editor, save_article
from operators.cards import newest_card
from operators.models import ClientCard, Operator, Posting, Shift
from tenants.access import roles_on
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.hosts import forget_hosts, host_of
from tenants.hours import calendar_of
from tenants.models import (
    CalendarKind,
    Membership,
    OpeningHours,
    Organisation,
    OrganisationText,
    SpecialDay,
    StaffRole,
    User,
    Website,
)
from tenants.selectors import organisation_by_slug, public_origin, website_by_key


@pytest.fixture(scope="module", autouse=True)
def _loaded(platform_database: None) -> Iterator[None]:
    """Once for the file, which takes seconds; a test that changes what another one reads puts it back."""
    for slug in Organisation.objects.filter(slug__in=("acme", "globex")).values_list("slug", flat=True):
        in_organisation(organisation_by_slug(slug), forget_knowledge)
    call_command("load_demo", verbosity=0)
    yield
    Shift.objects.all().delete()
    ClientCard.objects.all().delete()  # the cast of the other tests has none
    Posting.objects.update(confirmed_version=None, confirmed_at=None, trained_at=None)
    SpecialDay.objects.all().delete()  # nor closes it for a holiday
    OpeningHours.objects.filter(calendar=CalendarKind.SPECIALISTS).delete()
    Organisation.objects.update(country="", region="")
    for slug in ("acme", "globex"):
        in_organisation(organisation_by_slug(slug), forget_knowledge)


@pytest.fixture(autouse=True)
def _hosts_read_anew() -> Iterator[None]:
    forget_hosts()
    yield
    forget_hosts()


def forget_knowledge(_organisation: OrganisationRef) -> None:
    """The other tests' organisations know only what each of them writes."""
    for model in (Article, Notice, Product, Manner):
        model._default_manager.all().delete()


def counts() -> list[int]:
    return [
        model._default_manager.count()
        for model in (
            Organisation,
            OrganisationText,
            Website,
            User,
            StaffRole,
            Membership,
            Operator,
            Posting,
            ClientCard,
            OpeningHours,
            SpecialDay,
        )
    ]


def test_loading_the_demo_again_changes_nothing() -> None:
    before = counts()

    call_command("load_demo", verbosity=0)

    assert counts() == before


def test_the_demo_knows_the_coming_holidays_and_when_specialists_are_there() -> None:
    acme, globex = organisation_by_slug("acme"), organisation_by_slug("globex")
    year = platform_now().year + 1
    christmas, new_year = date(year, 12, 25), date(year, 1, 1)

    assert calendar_of(acme).special[christmas].label == "Christmas Day"
    assert calendar_of(acme, CalendarKind.SPECIALISTS).hours_on(new_year) == []
    assert christmas not in calendar_of(globex).special
    assert calendar_of(globex, CalendarKind.SPECIALISTS).special[new_year].label == "New Year's Day"
    assert {one.opens for one in calendar_of(globex, CalendarKind.SPECIALISTS).week} == {time(8, 30)}


def test_what_somebody_changed_stays() -> None:
    organisation = Organisation.objects.get(slug="acme")
    Organisation.objects.filter(pk=organisation.pk).update(colour="#123456")
    omars = Posting.objects.filter(operator__user__email="omar@desk.example")
    posting = omars.get()
    omars.delete()

    call_command("load_demo", verbosity=0)

    organisation.refresh_from_db()
    omar = Operator.objects.get(user__email="omar@desk.example")
    assert (organisation.colour, omar.postings.count()) == ("#123456", 0)
    Organisation.objects.filter(pk=organisation.pk).update(colour=ACME.colour)
    posting.save(force_insert=True)


def test_another_port_is_added_to_the_origins(settings: Settings) -> None:
    settings.PUBLIC_PORT = 8123

    call_command("load_demo", verbosity=0)

    origins = website_by_key(organisation_by_slug("acme"), "acme-shop").origins
    assert "http://acme-shop.localhost:8123" in origins
    assert len(origins) == len(set(origins)) >= 2


def test_the_default_port_is_not_written_in_an_origin(settings: Settings) -> None:
    settings.PUBLIC_PORT = 80

    assert public_origin("acme-shop.localhost") == "http://acme-shop.localhost"


@pytest.mark.parametrize(("email", "password"), [(email, password) for email, password, _ in demo.LOGINS])
def test_everybody_printed_can_log_in_and_has_a_role_somewhere(email: str, password: str) -> None:
    user = authenticate(None, username=email, password=password)

    assert user is not None
    assert len(password) >= 12
    places = [host_of(name) for name in ("desk.localhost", "acme.localhost", "globex.localhost")]
    assert sum(bool(roles_on(host, user.pk)) for host in places) == 1


def test_olga_answers_for_both_and_omar_for_acme_only() -> None:
    def served(email: str) -> set[str]:
        return set(Posting.objects.filter(operator__user__email=email).values_list("organisation__slug", flat=True))

    assert served("olga@desk.example") == {"acme", "globex"}
    assert served("omar@desk.example") == {"acme"}


def test_the_demos_operators_have_confirmed_their_clients_cards() -> None:
    confirmed = Posting.objects.filter(operator__user__email__in=["olga@desk.example", "omar@desk.example"])

    assert all(newest_card(organisation_by_slug(slug).id) for slug in ("acme", "globex"))
    assert list(confirmed.values_list("confirmed_version", flat=True)) == [1, 1, 1]


def test_shifts_are_planned_once_and_what_somebody_planned_stays() -> None:
    Shift.objects.filter(operator__user__email="omar@desk.example").exclude(weekday=1).delete()

    call_command("load_demo", verbosity=0)

    planned = Shift.objects.order_by("operator__name", "weekday").values_list("operator__name", "weekday")
    assert list(planned) == [*(("Olga", weekday) for weekday in range(5)), ("Omar", 1)]


def test_each_organisation_has_its_texts_and_topics_in_its_languages() -> None:
    for wanted in (ACME, GLOBEX):
        organisation = organisation_by_slug(wanted.slug)
        assert set(wanted.texts) == set(organisation.languages)
        labels = {
            language: [choice.label for choice in in_organisation(organisation, topic_choices, language)]
            for language in organisation.languages
        }
        assert all(len(texts) == 5 for texts in labels.values())
        assert len({tuple(texts) for texts in labels.values()}) == len(organisation.languages)


@pytest.mark.parametrize(
    ("slug", "languages"), [("acme", {"en": 14, "nl": 14, "ja": 5}), ("globex", {"en": 14, "nl": 14})]
)
def test_each_organisation_answers_what_its_visitors_ask(slug: str, languages: dict[str, int]) -> None:
    def read(organisation: OrganisationRef) -> None:
        articles = list(with_content(Article.objects.all()))
        assert {one.state for one in articles} == {"live"}
        assert {one.audience for one in articles} == {"operators", "visitors"}
        contents = [content_of(one) for one in articles]
        assert {
            language: sum(language in one.texts and language in one.variants for one in contents)
            for language in languages
        } == languages
        for content in contents:
            for language, text in content.texts.items():
                filled = fill(
                    text.short_reply,
                    language=language,
                    operator_name="Olga",
                    visitor_name="",
                    organisation_name=organisation.name,
                    facts=facts_for(organisation, language),
                )
                assert filled.missing == (), content.slug

    in_organisation(organisation_by_slug(slug), read)


def test_loading_again_makes_no_article_anew_and_leaves_what_a_manager_changed() -> None:
    def state(_organisation: OrganisationRef) -> list[tuple[str, int, str]]:
        return list(Article.objects.values_list("slug", "version", "source"))

    def change(_organisation: OrganisationRef) -> None:
        article = Article.objects.get(slug="warranty")
        save_article(Editor(None, "Maud"), article.pk, replace(content_of(article), source="A call"))

    acme = organisation_by_slug("acme")
    in_organisation(acme, change)
    before = in_organisation(acme, state)

    call_command("load_demo", verbosity=0)

    assert in_organisation(acme, state) == before
    assert ("warranty", 3, "A call") in before


def test_every_printed_address_is_a_host_that_exists() -> None:
    hosts = {address.split("/")[2].split(":")[0] for _what, address in demo.addresses(8000)}

    assert {host_of(name).kind.value for name in hosts} == {"desk", "organisation", "demo"}


def test_settings_without_demo_hosts_refuse_the_demo(settings: Settings) -> None:
    settings.DEMO_HOSTS = {}

    with pytest.raises(CommandError, match="no demo hosts"):
        call_command("load_demo", verbosity=0)
