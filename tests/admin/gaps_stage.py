"""Gaps on the organisation's site, to look at and click on: an organisation and its manager for each test file."""

import re
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from knowledgebase.models import Article, Feedback, Gap, UnansweredTurn
from knowledgebase.services.gaps import Turn, flag_turn, group_turns, keep_turns
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord, Membership
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import client_of
from tests.servers import WebServer

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Page

PASSWORD = "correct horse battery"
GAPS, FEEDBACK, COVERAGE = (f"/admin/knowledgebase/{name}/" for name in ("gap", "feedback", "suggested"))
QUESTION = "Do you engrave knives?"
PARKING = "Is there parking near the store?"
ANSWER = "We engrave every knife for € 5; it takes two days longer then."


@cache
def made(slug: str) -> OrganisationRef:
    organisation = create_organisation(NewOrganisation(slug=slug, name=slug.title(), host=f"{slug}.localhost"))
    create_account(f"manager@{slug}.example", "Mia", PASSWORD, memberships=[(organisation, Membership.Role.MANAGER)])
    return organisation


def emptied(organisation: OrganisationRef) -> None:
    for model in (UnansweredTurn, Gap, Feedback, Article):
        model.objects.all().delete()
    AuditRecord.objects.filter(organisation_id=organisation.id).delete()


def manager_of(organisation: OrganisationRef) -> "Client":
    client = client_of(f"{organisation.slug}.localhost")
    client.post("/login/", {"username": f"manager@{organisation.slug}.example", "password": PASSWORD})
    return client


def lay_gap(organisation: OrganisationRef, *questions: str, flagged: bool = False) -> Gap:
    """Asked yesterday, and answered."""

    def lay(organisation: OrganisationRef) -> Gap:
        for question in questions:
            turn = Turn(
                conversation_id=uuid4(),
                seq=1,
                language="en",
                question=question,
                answer=ANSWER,
                at=platform_now() - timedelta(days=1),
            )
            keep_turns(organisation, [turn])
            if flagged:
                flag_turn(organisation, turn, uuid4())
        group_turns(organisation)
        return Gap.objects.filter(turns__question=questions[-1]).get()

    return in_organisation(organisation, lay)


def now_of(organisation: OrganisationRef, gap: Gap) -> Gap:
    return in_organisation(organisation, lambda _: Gap.objects.get(pk=gap.pk))


def words(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def log_in(page: "Page", web_server: WebServer, shop: OrganisationRef) -> None:
    """The list of gaps is open then."""
    page.goto(web_server.url(f"{shop.slug}.localhost", GAPS))
    page.fill("[name=username]", f"manager@{shop.slug}.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button-main")
