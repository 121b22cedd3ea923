"""An organisation may decide that its managers do not read what was said: then no page of its admin shows it."""

import re
from collections.abc import Iterator
from functools import cache
from uuid import UUID, uuid4

import pytest
from django.test import Client

from conversations.models import Conversation, Entry, Escalation, Visitor
from knowledgebase.models import Gap, UnansweredTurn
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord, Membership, Organisation
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import client_of
from tests.ratings.rows import a_conversation, a_mark, a_promise

PASSWORD = "correct horse battery"
HOST = "privacy.localhost"
SAID = ("xylophone-visitor", "xylophone-operator", "xylophone-name", "xylophone-reason", "xylophone-summary",
        "xylophone-question", "xylophone-answer")  # fmt: skip
WRITTEN_TO_US = "a-comment-for-the-organisation"
MOST_PAGES = 400


@cache
def organisation() -> OrganisationRef:
    made = create_organisation(NewOrganisation(slug="privacy", name="Privacy", host=HOST))
    create_account("mia@privacy.example", "Mia", PASSWORD, memberships=[(made, Membership.Role.MANAGER)])
    in_organisation(made, _write)
    return made


def _write(organisation: OrganisationRef) -> UUID:
    """One conversation, whatever of its words is stored somewhere."""
    visitor_word, operator_word, name, reason, summary, question, answer = SAID
    now = platform_now()
    talk = a_conversation(organisation, now, operator_name="Olga")
    a_promise(talk, 1, "first", now, "kept", 8.0)
    a_mark(talk, 3, now, WRITTEN_TO_US)
    Visitor.objects.filter(conversations=talk).update(name=name)
    for seq, kind, body in ((1, "visitor", visitor_word), (2, "operator", operator_word)):
        Entry.objects.create(
            conversation_id=talk, seq=seq, kind="message.sent", sender_kind=kind, body=body, at=now, cid=uuid4(),
            sender_name="Olga" if kind == "operator" else "",
        )  # fmt: skip
    Escalation.objects.create(
        conversation_id=talk, cid=uuid4(), reason=reason, summary=summary, asked_by_id=uuid4(), asked_at=now,
        ended_at=now,
    )  # fmt: skip
    gap = Gap.objects.create(language="en", question="Do you engrave?", first_at=now, last_at=now, times=1)
    UnansweredTurn.objects.create(
        conversation_id=talk, seq=1, language="en", question=question, answer=answer, gap=gap, at=now
    )
    return talk


@pytest.fixture
def manager() -> Iterator[Client]:
    organisation()
    client = client_of(HOST)
    client.post("/login/", {"username": "mia@privacy.example", "password": PASSWORD})
    yield client
    Organisation.objects.filter(pk=organisation().id).update(managers_read_conversations=True)


def everything_in(client: Client) -> str:
    """What all pages and files say that links lead to from the front page, each address once, whatever its query."""
    found, waiting, seen = [], ["/admin/"], set()
    while waiting:
        address = waiting.pop()
        if address.partition("?")[0] in seen or "/logout" in address:
            continue
        seen.add(address.partition("?")[0])
        assert len(seen) < MOST_PAGES
        response = client.get(address)
        if response.status_code != 200:
            continue
        content = response.getvalue() if hasattr(response, "getvalue") else response.content
        if content[:2] == b"PK":
            continue  # the same numbers as the CSV beside it
        source = content.decode()
        found.append(source)
        links = re.findall(r'href="(/admin/[^"#]*|\?[^"#]*)"', source)
        waiting += [link.replace("&amp;", "&") if link.startswith("/") else address for link in links]
    assert len(seen) > 40
    return "\n".join(found)


def test_when_managers_do_not_read_no_page_shows_what_was_said(manager: Client) -> None:
    before = everything_in(manager)

    manager.post("/admin/privacy/", {})
    after = everything_in(manager)

    assert all(word in before for word in SAID), [word for word in SAID if word not in before]
    assert [word for word in SAID if word in after] == []
    assert WRITTEN_TO_US in before
    assert WRITTEN_TO_US in after
    assert "Do you engrave?" in after


def test_facts_and_times_stay(manager: Client) -> None:
    talk = in_organisation(organisation(), lambda _: Conversation.objects.values_list("pk", flat=True)[0])
    manager.post("/admin/privacy/", {})

    page = manager.get(f"/admin/conversations/conversation/{talk}/change/").content.decode()

    assert "Olga" in page
    assert "8.0 s" in page
    assert page.count("not shown") == 2
    assert "Your organisation has chosen that managers do not read what was said." in page


def test_the_switch_is_audited_once_per_change(manager: Client) -> None:
    AuditRecord.objects.filter(organisation_id=organisation().id).delete()

    for posted in ({}, {}, {"managers_read": "on"}, {"managers_read": "on"}):
        assert manager.post("/admin/privacy/", posted).status_code == 302

    done = AuditRecord.objects.filter(organisation_id=organisation().id).order_by("at").values_list("action", flat=True)
    assert list(done) == ["conversations.closed_to_managers", "conversations.opened_to_managers"]
    assert Organisation.objects.get(pk=organisation().id).managers_read_conversations


def test_nobody_else_turns_the_switch(manager: Client) -> None:
    response = client_of(HOST).post("/admin/privacy/", {})

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login/")
    assert Organisation.objects.get(pk=organisation().id).managers_read_conversations
