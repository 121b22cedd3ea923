"""Closing time: who still waits is told honestly, and the question is kept as a contact request. Nothing vanishes.

Each waiting conversation has due work of kind CLOSING while its organisation's hours end. Conversations that somebody
holds are finished normally.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from conversations.journal import NewEntry
from conversations.models import ContactRequest, Conversation, Entry
from conversations.services.announcing import append_and_announce
from conversations.services.closing import close_by_itself
from conversations.services.locks import lock_conversation_if_free
from operators.models import DueWork
from operators.services import plan_closing
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.hours import Opening, opening_of

# Outside opening hours somebody may still be at the desk: a conversation that is reopened, or that its holder left,
# gets this long before it is kept.
GRACE = timedelta(seconds=60)
# While a specialist has the question the visitor knows who answers: looked at again after this long.
ESCALATED_PAUSE = timedelta(minutes=5)


def watch_closing_time(organisation: OrganisationRef, conversation_id: UUID, opening: Opening, now: datetime) -> None:
    """Plans what happens to a conversation that waits from now on when the hours end. In the caller's transaction."""
    due_at = opening.until if opening.open else now + GRACE
    if due_at is not None:
        plan_closing(organisation, conversation_id, due_at)


def strike_closing_time(organisation: OrganisationRef, conversation_id: UUID) -> bool:
    """The hours of a waiting conversation may have ended: keeps its question and closes it, or waits for the new end.

    Locks conversation, promise, queue. False when somebody else is at it or nothing was due. Safe to run twice and from
    several sweeps.
    """
    with transaction.atomic():
        conversation = lock_conversation_if_free(conversation_id)
        now = platform_now()
        work = DueWork.objects.filter(
            schema_name=organisation.schema_name, kind=DueWork.Kind.CLOSING, subject_id=conversation_id, due_at__lte=now
        )
        if conversation is None:
            if not Conversation.objects.filter(pk=conversation_id).exists():  # it was erased
                work.delete()
            return False
        if not work.exists():
            return False
        work.delete()
        if conversation.state != Conversation.State.WAITING:
            return True
        opening = opening_of(organisation, now)
        if opening.open:
            watch_closing_time(organisation, conversation_id, opening, now)
        elif conversation.pause_reason:
            plan_closing(organisation, conversation_id, now + ESCALATED_PAUSE)
        else:
            _keep_question(organisation, conversation, opening)
            close_by_itself(organisation, conversation)
        return True


def _keep_question(organisation: OrganisationRef, conversation: Conversation, opening: Opening) -> None:
    body = _unanswered_words(conversation)
    if not body:  # the visitor deleted what they had asked
        return
    # One that was reopened and waited in vain again adds to what is kept already.
    kept = ContactRequest.objects.filter(
        conversation=conversation, reason=ContactRequest.Reason.CLOSING_TIME, state=ContactRequest.State.NEW
    )
    if not kept.update(body=body):
        ContactRequest.objects.create(
            visitor_id=conversation.visitor_id,
            cid=uuid5(conversation.id, f"closing time {conversation.last_seq}"),
            conversation=conversation,
            reason=ContactRequest.Reason.CLOSING_TIME,
            name=conversation.visitor.name,
            email=conversation.visitor.email,
            body=body,
            website_key=conversation.website_key,
            page_url=conversation.page_url,
            language=conversation.language,
        )
    by = opening.next_opening.isoformat() if opening.next_opening else None
    append_and_announce(
        organisation,
        [
            NewEntry(
                conversation_id=conversation.id,
                kind=Entry.Kind.QUESTION_KEPT,
                sender_kind=Entry.Sender.SYSTEM,
                payload={"reason": ContactRequest.Reason.CLOSING_TIME.value, "by": by},
            )
        ],
    )


def _unanswered_words(conversation: Conversation) -> str:
    """What the visitor wrote since a person last answered, one message per line; images by their names."""
    messages = Entry.objects.filter(conversation=conversation, kind=Entry.Kind.MESSAGE_SENT)
    people = [Entry.Sender.OPERATOR, Entry.Sender.SPECIALIST]
    answered = messages.filter(sender_kind__in=people).order_by("-seq").values_list("seq", flat=True).first() or 0
    asked = messages.filter(sender_kind=Entry.Sender.VISITOR, seq__gt=answered, deleted_at__isnull=True)
    lines = []
    for body, attachments in asked.order_by("seq").values_list("body", "attachments"):
        lines += [body, *(f"[{one['name']}]" for one in attachments)]
    return "\n".join(line for line in lines if line)
