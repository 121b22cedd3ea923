"""The admin's log and the audit trail hold ids and field names, never a text (rules 16 and 42)."""

from uuid import UUID, uuid4

from django.contrib.admin.models import LogEntry

from conversations.models import ContactRequest, Visitor
from knowledgebase.models import Topic
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord, User
from tests.admin.test_permissions import ACME, form_of
from tests.cast import account, acme, logged_in

MAUD = "maud@acme.example"


def logged(object_id: object) -> list[tuple[str, str]]:
    rows = LogEntry.objects.filter(object_id=str(object_id)).order_by("action_time")
    return list(rows.values_list("object_repr", "change_message"))


def audited(subject_id: object) -> list[tuple[str | None, str, str]]:
    rows = AuditRecord.objects.filter(subject_id=str(subject_id)).order_by("at")
    return [(row.organisation and row.organisation.slug, row.action, str(row.actor_id)) for row in rows]


def test_a_topic_and_its_labels_leave_no_text_in_the_log() -> None:
    client = logged_in(MAUD, ACME)
    slug, label = f"topic-{uuid4().hex[:8]}", f"Secret label {uuid4().hex}"
    added = client.post(
        "/admin/knowledgebase/topic/add/",
        {
            "slug": slug,
            "kind": "question",
            "position": "7",
            "is_active": "on",
            "labels-TOTAL_FORMS": "1",
            "labels-INITIAL_FORMS": "0",
            "labels-0-language": "en",
            "labels-0-label": label,
        },
    )
    assert added.status_code == 302

    def made(_organisation: OrganisationRef) -> tuple[UUID, int]:
        topic = Topic.objects.get(slug=slug)
        return topic.pk, topic.labels.get().pk

    topic_id, label_id = in_organisation(acme(), made)
    path = f"/admin/knowledgebase/topic/{topic_id}/change/"
    changed = client.post(
        path, form_of(client, path) | {"kind": "question", "position": "8", "labels-0-label": label + "!"}
    )
    assert changed.status_code == 302

    assert logged(topic_id) == [
        (str(topic_id), f'[{{"added": {{}}}}, {{"added": {{"name": "label", "object": "{label_id}"}}}}]'),
        (
            str(topic_id),
            '[{"changed": {"fields": ["position", "is_active"]}}, '
            f'{{"changed": {{"name": "label", "object": "{label_id}", "fields": ["label"]}}}}]',
        ),
    ]
    assert [action for _slug, action, _actor in audited(topic_id)] == ["topic.added", "topic.changed"]
    assert not LogEntry.objects.filter(change_message__contains=label).exists()
    # The history page still tells what happened.
    assert "Changed" in client.get(f"/admin/knowledgebase/topic/{topic_id}/history/").content.decode()


def test_a_handled_contact_request_is_audited_by_its_id() -> None:
    maud = account(MAUD)

    def ask(_organisation: OrganisationRef) -> UUID:
        return ContactRequest.objects.create(
            visitor=Visitor.objects.create(),
            cid=uuid4(),
            email="vera@example.com",
            body="Do you ship?",
            website_key="shop",
            language="en",
        ).pk

    request_id = in_organisation(acme(), ask)
    action = {"action": "mark_handled", "_selected_action": [str(request_id)]}
    client = logged_in(MAUD, ACME)
    for _ in range(2):
        assert client.post("/admin/conversations/contactrequest/", action).status_code == 302

    state = in_organisation(acme(), lambda _organisation: ContactRequest.objects.get(pk=request_id).state)
    assert state == "handled"
    assert logged(request_id) == [(str(request_id), '[{"changed": {"fields": ["state"]}}]')]
    assert audited(request_id) == [("acme", "contactrequest.changed", str(maud.pk))]


def test_opening_hours_and_texts_are_changed_by_the_manager_and_audited() -> None:
    client = logged_in(MAUD, ACME)
    path = f"/admin/tenants/organisation/{acme().id}/change/"
    greeting = f"Hello from the test {uuid4().hex}"
    before = len(audited(acme().id))
    as_it_was = form_of(client, path)["texts-0-greeting"]

    response = client.post(path, form_of(client, path) | {"texts-0-greeting": greeting})

    assert response.status_code == 302
    assert greeting in client.get(path).content.decode()
    assert len(audited(acme().id)) == before + 1
    assert not LogEntry.objects.filter(change_message__contains=greeting).exists()
    client.post(path, form_of(client, path) | {"texts-0-greeting": as_it_was})  # other tests greet visitors too


def test_a_new_accounts_password_is_nowhere_in_the_log() -> None:
    client = logged_in("ada@desk.example")
    # Words, not digits: a password that looks like the address is refused, and so do two random numbers.
    email, secret = f"{uuid4().hex}@desk.example", "slow purple windmill"
    added = client.post(
        "/admin/tenants/user/add/", {"email": email.upper(), "name": "Nora", "password1": secret, "password2": secret}
    )
    assert added.status_code == 302
    nora = User.objects.get(email=email)
    assert nora.check_password(secret)

    other = "brisk yellow lighthouse"
    client.post(f"/admin/tenants/user/{nora.pk}/password/", {"password1": other, "password2": other})

    nora.refresh_from_db()
    assert nora.check_password(other)
    assert [action for _slug, action, _actor in audited(nora.pk)] == ["user.added", "user.changed"]
    assert all(secret not in message and email not in message + repr_ for repr_, message in logged(nora.pk))
