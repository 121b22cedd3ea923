"""Every address of both admin sites × everybody × every host (rules 17 and 37).

Only the role on this host opens a page. Everybody else is answered like a stranger, who learns nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver

from conversations.models import ContactRequest, Conversation, Escalation, Specialist, Visitor
from knowledgebase.content import Content, TextContent
from knowledgebase.models import (
    Article,
    Feedback,
    Gap,
    HelpSettings,
    Manner,
    Notice,
    Product,
    Revision,
    Suggested,
    Topic,
)
from knowledgebase.services.articles import Editor, save_article
from operators.cards import CardText, publish_card
from operators.models import AlertRule, ClientCard, KindWeight, Operator, Statement
from ratings.models import (
    Answer,
    Ask,
    AskSettings,
    FollowUp,
    FollowUpSettings,
    QualityReview,
    Rating,
    Report,
    ReportSubscription,
)
from ratings.services import build_report
from ratings.services.statements import build_statement, lock_statement
from tenants.admin_site import HostSite, organisation_site, platform_site
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import (
    AuditRecord,
    Membership,
    Organisation,
    OrganisationText,
    ReportFigures,
    SpecialDay,
    User,
    Website,
)
from tenants.services import create_account
from tests.cast import DESK, account, acme, client_of, globex, logged_in
from tests.ratings.rows import a_conversation, a_mark

ACME, GLOBEX = "acme.localhost", "globex.localhost"
HOSTS = (ACME, GLOBEX, DESK)
SITE_OF = {ACME: organisation_site, GLOBEX: organisation_site, DESK: platform_site}
PEOPLE = {
    "maud": "maud@acme.example",  # manages Acme
    "mona": "mona@globex.example",  # manages Globex
    "stan": "stan@acme.example",  # Acme's specialist
    "olga": "olga@desk.example",  # operator
    "sam": "sam@desk.example",  # supervisor
    "ada": "ada@desk.example",  # platform administrator
}
LET_IN = {("maud", ACME), ("mona", GLOBEX), ("ada", DESK)}


CARD = CardText(tone="Only for this organisation", dos="", donts="", specialists="")


@pytest.fixture(scope="module", autouse=True)
def _no_cards_left(platform_database: None) -> Iterator[None]:
    yield
    ClientCard.objects.all().delete()


def a_locked_statement(organisation: OrganisationRef) -> Statement:
    statement = build_statement(organisation, date(2024, 2, 1))
    if statement is None:  # an earlier file's
        return Statement.objects.filter(organisation_id=organisation.id, month=date(2024, 2, 1)).latest("version")
    return lock_statement(organisation, statement.pk, actor=account(PEOPLE["ada"]), checksum=statement.checksum)


@cache
def rows_of(organisation: OrganisationRef) -> dict[type[Model], str]:
    """One row of every table the organisation's site shows, by its key."""

    def make(organisation: OrganisationRef) -> dict[type[Model], str]:
        conversation_id = a_conversation(organisation, platform_now())
        a_mark(conversation_id, 8, platform_now(), "Only for this organisation")
        visitor = Visitor.objects.create()
        contact = ContactRequest.objects.create(
            visitor=visitor, cid=uuid4(), email="vera@example.com", body="Secret?", website_key="shop", language="en"
        )
        specialist = Specialist.objects.create(name="Greta", email="greta@example.com", is_active=False)
        now = platform_now()
        escalation = Escalation.objects.create(
            conversation_id=conversation_id,
            cid=uuid4(),
            reason="A secret",
            asked_by_id=uuid4(),
            asked_at=now,
            ended_at=now,
        )
        day = platform_now().date()
        ask = Ask.objects.create(
            conversation_id=conversation_id, language="en", questions=["trust"], asked_at=now, open_until=now
        )
        article = save_article(
            Editor(None, "Mia"),
            None,
            Content(slug="only-here", texts={"en": TextContent("Only for this organisation")}),
        )
        gap = Gap.objects.create(language="en", question="Only for this organisation", first_at=now, last_at=now)
        feedback = Feedback.objects.create(article=article, cid=uuid4(), kind=Feedback.Kind.WRONG, version=1)
        suggested = Suggested.objects.create(conversation_id=conversation_id, seq=1, language="en")
        notice = Notice.objects.create(
            slug="only-here", language="en", text="Only for this organisation", is_shown=False
        )
        product = Product.objects.create(slug="only-here", name="Only for this organisation")
        manner = Manner.objects.get_or_create(language=organisation.languages[0])[0]
        special = SpecialDay.objects.create(organisation_id=organisation.id, date=date(2040, 1, 1), label="Far away")
        return {
            Conversation: str(conversation_id),
            Rating: str(Rating.objects.get(conversation_id=conversation_id).pk),
            Answer: str(Answer.objects.create(ask=ask, question="trust", value=4, given_at=now).pk),
            ContactRequest: str(contact.pk),
            Specialist: str(specialist.pk),
            Escalation: str(escalation.pk),
            Report: str(build_report(organisation, day).pk),
            ReportSubscription: str(ReportSubscription.objects.create(account_id=uuid4(), email="x@example.com").pk),
            Topic: str(Topic.objects.values_list("pk", flat=True)[0]),
            Article: str(article.pk),
            Gap: str(gap.pk),
            Feedback: str(feedback.pk),
            Suggested: str(suggested.pk),
            Notice: str(notice.pk),
            Product: str(product.pk),
            Manner: str(manner.pk),
            Revision: str(Revision.objects.get_or_create(pk=1)[0].pk),
            HelpSettings: "1",
            AskSettings: "1",
            FollowUp: str(FollowUp.objects.create(conversation_id=conversation_id, reason="angry_end", due_at=now).pk),
            FollowUpSettings: "1",
            QualityReview: str(
                QualityReview.objects.create(
                    conversation_id=conversation_id, operator_id=uuid4(), operator_name="Olga", week=day
                ).pk
            ),
            Organisation: str(organisation.id),
            Website: str(Website.objects.filter(organisation_id=organisation.id).values_list("pk", flat=True)[0]),
            SpecialDay: str(special.pk),
            ClientCard: str(publish_card(organisation, CARD, None).id),
            Statement: str(a_locked_statement(organisation).pk),
        }

    return in_organisation(organisation, make)


@cache
def platform_rows() -> dict[type[Model], str]:
    rows_of(acme())
    AuditRecord.objects.create(action="test.looked")
    return {
        Organisation: str(acme().id),
        ClientCard: rows_of(acme())[ClientCard],
        User: str(account("maud@acme.example").pk),
        AlertRule: str(AlertRule.objects.get_or_create(kind="longest_wait", defaults={"threshold": 60})[0].pk),
        KindWeight: KindWeight.objects.get_or_create(kind="escalated")[0].pk,
        Operator: str(Operator.objects.values_list("pk", flat=True)[0]),
        ReportFigures: str(ReportFigures.objects.values_list("pk", flat=True)[0]),
        AuditRecord: str(AuditRecord.objects.values_list("pk", flat=True)[0]),
        Statement: rows_of(acme())[Statement],
    }


def rows_at(host: str) -> dict[type[Model], str]:
    return platform_rows() if host == DESK else rows_of(acme() if host == ACME else globex())


@dataclass(frozen=True, slots=True)
class Address:
    path: str
    name: str


def addresses(site: HostSite, rows: dict[type[Model], str]) -> list[Address]:
    """Every registered address of the site, with a real row's key where one is asked for."""
    found = []
    for pattern in site.get_urls():
        if isinstance(pattern, URLResolver):
            model = next(
                model for model in site._registry if str(pattern.pattern).endswith(f"/{model._meta.model_name}/")
            )
            for inner in pattern.url_patterns:
                found.append(_address(f"/admin/{pattern.pattern}", inner, rows[model]))
        elif pattern.name == "app_list":
            found += [Address(f"/admin/{label}/", "app_list") for label in {m._meta.app_label for m in site._registry}]
        elif pattern.name is None:
            found.append(Address("/admin/nothing/like/this/", "catch_all"))
        else:
            found.append(_address("/admin/", pattern, ""))
    operator_field = "?app_label=operators&model_name=operator&field_name=user&term=m"
    return [*found, Address(f"/admin/autocomplete/{operator_field}", "autocomplete")]


def _address(prefix: str, pattern: URLPattern, key: str) -> Address:
    path = prefix + str(pattern.pattern)
    for part in ("<path:object_id>", "<id>", "<uuid:report_id>", "<uuid:statement_id>"):
        path = path.replace(part, key)
    path = path.replace("<slug:ending>", "csv")
    return Address(path, pattern.name or "without a name")


def answers(client: Client, host: str, *, method: str = "get") -> Iterator[tuple[Address, int, str]]:
    for address in addresses(SITE_OF[host], rows_at(host)):
        response = getattr(client, method)(address.path)
        response.close()  # an export is a file until then
        yield address, response.status_code, response.headers.get("Location", "")


@cache
def strangers_answers(host: str) -> list[tuple[Address, int, str]]:
    return list(answers(client_of(host), host))


def login_for(path: str) -> str:
    return f"/login/?next={quote(path, safe='/')}"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_stranger_is_sent_to_log_in_from_every_address(host: str, method: str) -> None:
    found = list(answers(client_of(host), host, method=method))

    assert len(found) > 25
    for address, status, location in found:
        assert status == 302, address
        if address.name == "login":
            assert location == login_for("/admin/")
        else:
            assert location == login_for(address.path), address


@pytest.mark.parametrize(
    ("person", "host"), [(person, host) for person in PEOPLE for host in HOSTS if (person, host) not in LET_IN]
)
def test_without_the_role_here_everybody_is_a_stranger(person: str, host: str) -> None:
    assert list(answers(logged_in(PEOPLE[person], host), host)) == strangers_answers(host)


@pytest.mark.parametrize("what", ["deactivated", "no manager any more"])
def test_who_was_a_manager_is_a_stranger_at_every_address(what: str) -> None:
    email = f"{uuid4()}@acme.example"
    user = create_account(email, "Max", None, memberships=[(acme(), Membership.Role.MANAGER)])
    client = logged_in(email, ACME)
    assert client.get("/admin/").status_code == 200

    if what == "deactivated":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        Membership.objects.filter(user=user).delete()

    assert list(answers(client, ACME)) == list(answers(client_of(ACME), ACME))


@pytest.mark.parametrize("method", ["get", "post"])
def test_at_every_address_anothers_row_is_like_one_that_does_not_exist(method: str) -> None:  # rule 17
    own, theirs = rows_of(acme()), rows_of(globex())
    # Tables of one row have the same key everywhere: that is one's own row.
    foreign = {model: key for model, key in theirs.items() if key != own[model]}
    absent = {**own, **{model: str(uuid4()) for model in foreign}}
    client = logged_in(PEOPLE["maud"], ACME)

    def said(address: Address, key: str) -> tuple[int, str, list[str]]:
        client.cookies.pop("messages", None)  # those of the answer before, which no page showed
        response = getattr(client, method)(address.path)
        assert "Only for this organisation" not in response.content.decode(errors="replace").replace(key, "")
        messages = [str(message).replace(key, "…") for message in get_messages(response.wsgi_request)]
        return response.status_code, response.headers.get("Location", "").replace(key, "…"), messages

    compared = 0
    for one, other in zip(
        addresses(organisation_site, {**own, **foreign}), addresses(organisation_site, absent), strict=True
    ):
        if one.path != other.path:
            model = next(model for model in foreign if foreign[model] in one.path)
            assert said(one, foreign[model]) == said(other, absent[model]), one
            compared += 1
    assert compared > 3 * len(foreign)


def test_flags_on_the_account_open_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for flag in ("is_staff", "is_superuser"):
        monkeypatch.setattr(User, flag, True, raising=False)
    for question in ("has_perm", "has_perms", "has_module_perms"):
        monkeypatch.setattr(User, question, lambda *_args: True)

    for host in HOSTS:
        assert list(answers(logged_in("olga@desk.example", host), host)) == strangers_answers(host)


@pytest.mark.parametrize(("person", "host"), sorted(LET_IN))
def test_the_role_here_opens_every_page_there_is(person: str, host: str) -> None:
    client = logged_in(PEOPLE[person], host)

    by_status: dict[int, set[str]] = {}
    for address, status, _location in answers(client, host):
        by_status.setdefault(status, set()).add(address.name)

    # What exists but may not be done is refused; what is switched off, or does not exist, is not there.
    assert set(by_status) <= {200, 302, 403, 404, 405}
    assert by_status[404] <= {"search", "catch_all", "autocomplete", "app_list"} | {"without a name"}
    assert by_status[405] == {"logout"}
    shown = {name for name in by_status[200] if name.endswith(("_changelist", "_change", "_history"))}
    models = SITE_OF[host]._registry
    expected = {
        f"{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in models
        for page in ("changelist", "change", "history")
    }
    assert {name for name in by_status[200] if name.startswith("tenants_specialday_")} >= (
        {"tenants_specialday_week", "tenants_specialday_holidays"} if host != DESK else set()
    )
    # These lists lead straight to their one row, or are the one page there is.
    one_row = {
        "tenants_organisation_changelist",
        "knowledgebase_helpsettings_changelist",
        "ratings_asksettings_change",
        "ratings_followupsettings_changelist",
        # Months only: a single review is between its operator and the supervisors.
        "ratings_qualityreview_change",
        "ratings_qualityreview_history",
    }
    assert expected - shown == (one_row if host != DESK else set())


def test_the_platforms_site_shows_no_table_of_an_organisations_schema() -> None:
    assert {model._meta.app_label for model in platform_site._registry} == {"tenants", "operators"}


def test_a_manager_cannot_change_another_organisation_by_naming_it() -> None:
    client = logged_in(PEOPLE["maud"], ACME)
    before = texts_of(globex())

    response = client.post(
        f"/admin/tenants/organisation/{globex().id}/change/", {"name": "Mine now", "texts-TOTAL_FORMS": "0"}
    )

    assert response.status_code == 302
    assert texts_of(globex()) == before
    assert globex().name != "Mine now"


def test_a_manager_cannot_move_another_organisations_text_into_reach() -> None:
    client = logged_in(PEOPLE["maud"], ACME)
    foreign = OrganisationText.objects.filter(organisation_id=globex().id).first()
    assert foreign is not None
    before = texts_of(acme()), texts_of(globex())
    form = form_of(client, f"/admin/tenants/organisation/{acme().id}/change/")
    form |= {"texts-0-id": str(foreign.pk), "texts-0-greeting": "Taken over"}

    client.post(f"/admin/tenants/organisation/{acme().id}/change/", form)

    assert (texts_of(acme()), texts_of(globex())) == before


@pytest.mark.parametrize("model", [Conversation, Rating, Report, Escalation])
def test_what_is_only_read_cannot_be_added_changed_or_deleted(model: type[Model]) -> None:
    client = logged_in(PEOPLE["maud"], ACME)
    prefix = f"/admin/{model._meta.app_label}/{model._meta.model_name}"
    key = rows_of(acme())[model]

    def row(_organisation: OrganisationRef) -> dict[str, Any]:
        return dict(model._default_manager.filter(pk=key).values()[0])

    before = in_organisation(acme(), row)
    statuses = [
        client.post(f"{prefix}/add/", {"mark": 1}).status_code,
        client.post(f"{prefix}/{key}/change/", {"mark": 1}).status_code,
        client.post(f"{prefix}/{key}/delete/", {"post": "yes"}).status_code,
    ]

    assert statuses == [403, 403, 403]
    assert in_organisation(acme(), row) == before


def texts_of(organisation: OrganisationRef) -> list[tuple[str, str, str]]:
    rows = OrganisationText.objects.filter(organisation_id=organisation.id).order_by("language")
    return list(rows.values_list("language", "greeting", "goodbye"))


def form_of(client: Client, path: str) -> dict[str, str]:
    """What the page's form would send back unchanged."""
    response = client.get(path)
    sent: dict[str, str] = {}
    for formset in response.context["inline_admin_formsets"]:
        forms = formset.formset
        for field in forms.management_form:
            sent[field.html_name] = str(field.value())
        for form in forms.initial_forms:
            for field in form:
                value = field.value()
                sent[field.html_name] = "" if value is None else str(value)
    return sent
