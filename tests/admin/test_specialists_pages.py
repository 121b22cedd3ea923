"""The client's own pages about specialists: whom the desk may ask, what became of it, and what was kept for whom."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from conversations.guest_tokens import link_token
from conversations.models import ContactRequest, Escalation, EscalationStep, Specialist
from conversations.services import escalating
from conversations.services.links import open_link
from tenants.clock import platform_now
from tenants.context import in_organisation
from tenants.errors import NotFound
from tenants.models import AuditRecord
from tests.cast import globex, logged_in
from tests.conversations.escalation_scene import (
    Held,
    escalate,
    held_question,
    hired_specialists,
    mails,
    moves,
    opened,
    requests_of,
    steps_of,
)
from tests.conversations.scene import dismiss_operators, hire_operator

PREFIX = "/admin/conversations"


@pytest.fixture
def greta() -> Iterator[Specialist]:
    with hired_specialists() as [greta, _gus]:
        yield greta


@pytest.fixture
def held(greta: Specialist) -> Iterator[Held]:
    operator = hire_operator(globex())
    yield held_question(operator)
    dismiss_operators([operator.id])


@pytest.fixture
def mona() -> Client:
    """Manages Globex."""
    return logged_in("mona@globex.example", "globex.localhost")


def form_of(specialist: Specialist, **changes: object) -> dict[str, object]:
    kept = {"name": specialist.name, "email": specialist.email, "topics": specialist.topics}
    return {**kept, "position": specialist.position, "language": specialist.language, "is_active": "on", **changes}


def save(client: Client, specialist: Specialist, **changes: object) -> None:
    form = {name: value for name, value in form_of(specialist, **changes).items() if value is not None}
    answer = client.post(f"{PREFIX}/specialist/{specialist.id}/change/", form)
    assert answer.status_code == 302, re.findall(r'class="[^"]*errorlist.*?</ul>', answer.content.decode(), re.S)


def words(client: Client, path: str) -> str:
    answer = client.get(f"{PREFIX}/{path}")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_manager_adds_a_specialist_for_some_topics(mona: Client) -> None:
    email = f"greta-{uuid4().hex[:8]}@globex.example"
    form = {"name": "Greta", "email": email, "topics": ["card", "transfer"], "position": 3, "language": "nl"}

    answer = mona.post(f"{PREFIX}/specialist/add/", {**form, "is_active": "on"})

    assert answer.status_code == 302
    made = in_organisation(globex(), lambda _: Specialist.objects.get(email=email))
    assert (made.topics, made.position, made.language, made.is_active) == (["card", "transfer"], 3, "nl", True)
    assert AuditRecord.objects.filter(action="specialist.added", subject_id=str(made.id)).count() == 1
    unknown = mona.post(f"{PREFIX}/specialist/add/", {**form, "email": "x@globex.example", "topics": ["tents"]})
    assert unknown.status_code == 200
    assert not in_organisation(globex(), lambda _: Specialist.objects.filter(email="x@globex.example").exists())
    in_organisation(globex(), lambda _: Specialist.objects.filter(pk=made.id).update(is_active=False))


def test_a_specialist_who_is_switched_off_loses_the_question_at_once(
    held: Held, greta: Specialist, mona: Client
) -> None:  # rule 17
    escalate(held)
    [step] = steps_of(held[0])
    guest = opened(step)

    save(mona, greta, is_active=None)

    assert [(one.specialist_name, one.outcome) for one in steps_of(held[0])] == [("Greta", "withdrawn"), ("Gus", "")]
    assert moves(held[0])[-1] == ("asked", "Gus")
    with pytest.raises(NotFound):
        in_organisation(globex(), escalating.accept_question, guest)


def test_a_new_address_gets_a_new_link_and_the_old_one_is_dead(held: Held, greta: Specialist, mona: Client) -> None:
    escalate(held)
    [step] = steps_of(held[0])
    guest = opened(step)

    save(mona, greta, email="greta.new@globex.example")

    with pytest.raises(NotFound):
        in_organisation(globex(), escalating.accept_question, guest)
    with pytest.raises(NotFound):
        in_organisation(globex(), open_link, link_token(globex().schema_name, step.id, 1))
    [mail] = [one for one in mails() if one.subject_id == step.id and one.kind == "new_link"]
    assert mail.recipient == "greta.new@globex.example"
    [renewed] = steps_of(held[0])
    assert (renewed.link_number, renewed.outcome) == (2, "")
    assert opened(renewed).step_id == step.id


def test_other_changes_leave_the_link_alone(held: Held, greta: Specialist, mona: Client) -> None:
    escalate(held)

    save(mona, greta, name="Greta G.")

    assert [one.link_number for one in steps_of(held[0])] == [1]


def test_managers_follow_what_was_asked_and_change_nothing(held: Held, greta: Specialist, mona: Client) -> None:
    escalate(held, reason="A card for <b>a child</b>")
    in_organisation(globex(), escalating.decline_question, opened(steps_of(held[0])[0]), "")
    [first, _second] = steps_of(held[0])

    listing = words(mona, "escalation/")
    page = mona.get(f"{PREFIX}/escalation/{first.escalation_id}/change/").content.decode()

    assert "Greta → Gus" in listing
    assert "A card for &lt;b&gt;a child&lt;/b&gt;" in page  # rule 39
    assert "declined" in page
    before = in_organisation(globex(), lambda _: list(Escalation.objects.filter(pk=first.escalation_id).values()))
    assert mona.post(f"{PREFIX}/escalation/{first.escalation_id}/change/", {"reason": "x"}).status_code == 403
    assert in_organisation(globex(), lambda _: list(Escalation.objects.filter(pk=first.escalation_id).values())) == (
        before
    )
    names = {field.name for field in EscalationStep._meta.fields}
    assert {"guest_hash", "link_number"} <= names
    assert "guest_hash" not in page
    assert "link_number" not in page


def test_a_kept_question_shows_whose_it_is_by_when_and_that_it_is_late(held: Held, mona: Client) -> None:
    escalate(held)
    by = platform_now() + timedelta(hours=1)
    in_organisation(globex(), escalating.promise_call_back, opened(steps_of(held[0])[0]), by)
    [request] = requests_of(held[0])

    def deadline() -> str:
        row = re.search(rf"{request.id}.*?</tr>", mona.get(f"{PREFIX}/contactrequest/").content.decode(), re.S)
        assert row is not None
        return row[0]

    assert "Greta" in deadline()
    assert "bg-red" not in deadline()
    in_organisation(
        globex(),
        lambda _: ContactRequest.objects.filter(pk=request.id).update(answer_by=platform_now() - timedelta(hours=1)),
    )
    assert "bg-red" in deadline()
    assert "Son, 12." in words(mona, f"contactrequest/{request.id}/change/")
