"""What people write beside plain messages: files, edits, deletions, notes, read marks, topics, contact requests."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from conversations.events import Page, PageVisited, encode
from conversations.journal import Appended, NewEntry
from conversations.models import ContactRequest, Conversation, DeskEntry, Entry, OutgoingMail, Visitor
from conversations.services.announcing import (
    append_and_announce,
    append_for_desk_and_announce,
    appended_before,
    desk_group,
)
from conversations.services.attachments import claim_attachments, remove_attachments
from conversations.services.locks import lock_conversation
from conversations.services.outbox import queue_mail
from conversations.services.visitors import visitor_of_token
from knowledgebase.selectors import kind_of_topic, topic_choices
from operators.selectors import OperatorRef
from operators.services import note_topic
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import Invalid, NotFound
from tenants.realtime import publish_on_commit
from tenants.selectors import WebsiteRef


def send_operator_files(
    organisation: OrganisationRef,
    operator: OperatorRef,
    conversation_id: UUID,
    cid: UUID,
    body: str,
    attachments: tuple[UUID, ...],
) -> Appended:
    """An operator's message with files. Locks the conversation. Raises NotAssigned, ConversationClosed or NotFound."""
    with transaction.atomic():
        lock_conversation(conversation_id)
        facts = claim_attachments(organisation, conversation_id, Entry.Sender.OPERATOR, operator.id, attachments)
        [appended] = append_and_announce(
            organisation,
            [
                NewEntry(
                    conversation_id=conversation_id,
                    kind=Entry.Kind.MESSAGE_SENT,
                    sender_kind=Entry.Sender.OPERATOR,
                    sender_id=operator.id,
                    sender_name=operator.name,
                    cid=cid,
                    body=body,
                    attachments=facts,
                )
            ],
        )
        return appended


def edit_message(
    organisation: OrganisationRef,
    sender: tuple[str, UUID, str],
    conversation_id: UUID,
    cid: UUID,
    target: int,
    body: str,
) -> Appended:
    """The author changes their own message; its text is replaced in place, so that nothing old stays behind.

    ``sender`` is (kind, id, name). Locks the conversation. Raises NotFound for what is not theirs or was deleted. The
    same ``cid`` again is the same, and does not undo a later edit.
    """
    with transaction.atomic():
        lock_conversation(conversation_id)
        known = appended_before(conversation_id, sender[0], sender[1], cid)
        if known is not None:
            return known
        message = _own_message(conversation_id, sender, target)
        message.body = body
        message.edited_at = platform_now()
        message.save(update_fields=["body", "edited_at"])
        _edits_of(conversation_id, target).update(body=body)
        return _append_about(organisation, Entry.Kind.MESSAGE_EDITED, sender, conversation_id, cid, target, body)


def delete_message(
    organisation: OrganisationRef, sender: tuple[str, UUID, str], conversation_id: UUID, cid: UUID, target: int
) -> Appended:
    """The author takes their own message back: its text, its files and every edit of it are emptied.

    Locks the conversation. Raises NotFound. The same ``cid`` again is the same.
    """
    with transaction.atomic():
        lock_conversation(conversation_id)
        message = _own_message(conversation_id, sender, target, even_deleted=True)
        if message.deleted_at is None:
            remove_attachments(organisation, [UUID(attachment["id"]) for attachment in message.attachments])
            message.body, message.attachments, message.deleted_at = "", [], platform_now()
            message.save(update_fields=["body", "attachments", "deleted_at"])
            _edits_of(conversation_id, target).update(body="")
        return _append_about(organisation, Entry.Kind.MESSAGE_DELETED, sender, conversation_id, cid, target, "")


def _own_message(
    conversation_id: UUID, sender: tuple[str, UUID, str], target: int, *, even_deleted: bool = False
) -> Entry:
    message = Entry.objects.filter(
        conversation_id=conversation_id,
        seq=target,
        kind=Entry.Kind.MESSAGE_SENT,
        sender_kind=sender[0],
        sender_id=sender[1],
    ).first()
    if message is None or (message.deleted_at is not None and not even_deleted):
        raise NotFound()
    return message


def _edits_of(conversation_id: UUID, target: int) -> QuerySet[Entry]:
    return Entry.objects.filter(conversation_id=conversation_id, kind=Entry.Kind.MESSAGE_EDITED, target=target)


def _append_about(
    organisation: OrganisationRef,
    kind: str,
    sender: tuple[str, UUID, str],
    conversation_id: UUID,
    cid: UUID,
    target: int,
    body: str,
) -> Appended:
    [appended] = append_and_announce(
        organisation,
        [
            NewEntry(
                conversation_id=conversation_id,
                kind=kind,
                sender_kind=sender[0],
                sender_id=sender[1],
                sender_name=sender[2],
                cid=cid,
                target=target,
                body=body,
            )
        ],
    )
    return appended


def add_note(
    organisation: OrganisationRef, operator: OperatorRef, conversation_id: UUID, cid: UUID, body: str
) -> Appended:
    """A note for staff only, in its own sequence and table. Locks the conversation. Raises NotFound."""
    return add_staff_words(organisation, DeskEntry.Kind.NOTE_ADDED, operator, conversation_id, cid, body)


def add_staff_words(
    organisation: OrganisationRef,
    kind: DeskEntry.Kind,
    author: OperatorRef,
    conversation_id: UUID,
    cid: UUID,
    body: str,
) -> Appended:
    """What somebody at the desk wrote for staff alone. Locks the conversation; safe to repeat. Raises NotFound."""
    with transaction.atomic():
        lock_conversation(conversation_id)
        [appended] = append_for_desk_and_announce(
            organisation,
            [
                NewEntry(
                    conversation_id=conversation_id,
                    kind=kind,
                    sender_kind=Entry.Sender.OPERATOR,
                    sender_id=author.id,
                    sender_name=author.name,
                    cid=cid,
                    body=body,
                )
            ],
        )
        return appended


def mark_read(organisation: OrganisationRef, sender: tuple[str, UUID, str], conversation_id: UUID, upto: int) -> None:
    """This side has read up to ``upto``. Marks that add nothing leave no entry. Locks the conversation."""
    column = "visitor_read_seq" if sender[0] == Entry.Sender.VISITOR else "operator_read_seq"
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        upto = min(upto, conversation.last_seq)
        seen = getattr(conversation, column)
        others = Entry.objects.filter(
            conversation=conversation, seq__gt=seen, seq__lte=upto, kind=Entry.Kind.MESSAGE_SENT
        ).exclude(sender_kind=sender[0])
        if upto <= seen or not others.exists():
            return
        setattr(conversation, column, upto)
        conversation.save(update_fields=[column])
        append_and_announce(
            organisation,
            [
                NewEntry(
                    conversation_id=conversation_id,
                    kind=Entry.Kind.READ_MARKED,
                    sender_kind=sender[0],
                    sender_id=sender[1],
                    sender_name=sender[2],
                    payload={"upto": upto},
                )
            ],
        )


def choose_topic(
    organisation: OrganisationRef, visitor_id: UUID, conversation_id: UUID, cid: UUID, topic: str
) -> Appended:
    """The visitor says what it is about. Locks conversation, queue. Raises NotFound for a topic that is not offered.

    The same ``cid`` again is the same, and does not undo a later choice.
    """
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        known = appended_before(conversation_id, Entry.Sender.VISITOR, visitor_id, cid)
        if known is not None:
            return known
        labels = {choice.slug: choice.label for choice in topic_choices(organisation, conversation.language)}
        if topic not in labels or conversation.visitor_id != visitor_id:
            raise NotFound()
        Conversation.objects.filter(pk=conversation_id).update(topic=topic)
        note_topic(conversation_id, topic, kind_of_topic(organisation, topic))
        [appended] = append_and_announce(
            organisation,
            [
                NewEntry(
                    conversation_id=conversation_id,
                    kind=Entry.Kind.TOPIC_CHOSEN,
                    sender_kind=Entry.Sender.VISITOR,
                    sender_id=visitor_id,
                    cid=cid,
                    payload={"topic": topic, "label": labels[topic]},
                )
            ],
        )
        return appended


def leave_contact_request(
    organisation: OrganisationRef,
    *,
    token: str,
    website: WebsiteRef,
    page: Page,
    language: str,
    cid: UUID,
    name: str,
    email: str,
    body: str,
    may_ask: bool = False,
) -> ContactRequest:
    """Stores a question left outside opening hours. The same ``cid`` again is the same. With ``may_ask`` the visitor is
    known by this address from now on, and may be mailed how it was.

    A question of this visitor that was kept without an address gets it: one request, not two; its owner is mailed once
    more. Locks that request.
    Raises Invalid (e-mail; no question although none was kept).
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(_("Please check the e-mail address.")) from error
    with transaction.atomic():
        visitor_id = visitor_of_token(organisation, token, create=True)
        if may_ask:
            Visitor.objects.filter(pk=visitor_id).update(email=email, may_be_asked_at=platform_now())
        kept = _kept_without_address(visitor_id, website.key)
        if kept is not None:
            kept.cid, kept.email, kept.name = cid, email, name or kept.name
            if body and body not in kept.body:
                kept.body = f"{kept.body}\n{body}"
            kept.save(update_fields=["cid", "email", "name", "body"])
            if kept.owner is not None:  # who was mailed the question learns where to answer it
                queue_mail(organisation, OutgoingMail.Kind.CONTACT_REQUEST, kept.id, kept.owner.email, number=2)
            return kept
        known = ContactRequest.objects.filter(visitor_id=visitor_id, cid=cid).first()
        if known is not None:
            return known
        if not body.strip():
            raise Invalid(_("Please fill in your question."))
        request, _created = ContactRequest.objects.get_or_create(
            visitor_id=visitor_id,
            cid=cid,
            defaults={
                "name": name,
                "email": email,
                "body": body,
                "website_key": website.key,
                "page_url": page.url,
                "language": language,
            },
        )
    return request


def _kept_without_address(visitor_id: UUID, website_key: str) -> ContactRequest | None:
    """The newest question that was kept for them, still to be answered, and without an address. Locked."""
    kept = ContactRequest.objects.select_for_update().filter(
        visitor_id=visitor_id, website_key=website_key, state=ContactRequest.State.NEW, email=""
    )
    return kept.exclude(reason=ContactRequest.Reason.CLOSED).order_by("-created_at").first()


def note_page(organisation: OrganisationRef, conversation_id: UUID, page: Page) -> None:
    """Keeps where the visitor is now, and tells the desk. No entry: it is about the visitor, not something said."""
    conversation = Conversation.objects.filter(pk=conversation_id).exclude(state=Conversation.State.CLOSED).first()
    if conversation is None or (conversation.page_url, conversation.page_title) == (page.url, page.title):
        return
    conversation.page_url, conversation.page_title = page.url, page.title
    conversation.save(update_fields=["page_url", "page_title"])
    now_at = Page(url=page.url, title=page.title, referrer=conversation.referrer)
    visited = encode(PageVisited(conversation=conversation_id, page=now_at))
    publish_on_commit([(desk_group(organisation.schema_name, conversation.operator_id), visited)])
