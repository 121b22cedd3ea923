"""Appending and announcing: who hears of what is decided here, in plain sight.

What a visitor may see goes to the conversation's pages and to the desk; what only staff see goes to the desk alone.
The desk means the operator who holds the conversation, or everybody who answers for the organisation while nobody does;
and supervisors who read along.
"""

from collections.abc import Sequence
from uuid import UUID

from conversations.events import InboxChanged, Struct, encode, fact_from_row, staff_fact_from_row
from conversations.journal import Appended, NewEntry, append_desk_now, append_now
from conversations.models import DeskEntry, Entry
from conversations.selectors import inbox_entry
from operators.selectors import queue_row
from tenants.context import OrganisationRef
from tenants.realtime import group_name, publish_on_commit


def page_group(schema_name: str, conversation_id: UUID) -> str:
    """The visitor's pages that show this conversation."""
    return group_name("conversation", schema=schema_name, subject=conversation_id)


def desk_group(schema_name: str, operator_id: UUID | None) -> str:
    """The operator's desk, or all desks of the organisation while nobody holds the conversation."""
    if operator_id is None:
        return group_name("organisation", schema=schema_name)
    return group_name("operator", subject=operator_id)


def watch_group(schema_name: str, conversation_id: UUID) -> str:
    """The desks of supervisors who read this conversation along. What a visitor may see they hear as a page does; here
    comes what only staff see, and the inbox row."""
    return group_name("watch", schema=schema_name, subject=conversation_id)


def append_and_announce(organisation: OrganisationRef, entries: Sequence[NewEntry]) -> list[Appended]:
    """Appends to the sequence visitors see, and announces what is new to visitor and desk once it is committed."""
    appended = append_now(organisation.schema_name, entries)
    hints = []
    for entry, result in zip(entries, appended, strict=True):
        if result.is_new:
            text = encode(fact_from_row(entry.as_row(result.at, "seq", result.seq)))
            hints.append((page_group(organisation.schema_name, result.conversation_id), text))
            hints.append((desk_group(organisation.schema_name, result.operator_id), text))
    publish_on_commit(hints)
    return appended


def appended_before(conversation_id: UUID, sender_kind: str, sender_id: UUID | None, cid: UUID) -> Appended | None:
    """The answer that this ``cid`` got already: for services that change more than the sequence, under the lock, first
    of all. One query."""
    entry = Entry.objects.filter(
        conversation_id=conversation_id, sender_kind=sender_kind, sender_id=sender_id, cid=cid
    ).first()
    if entry is None:
        return None
    return Appended(entry.id, entry.seq, entry.at, False, conversation_id, None, True)


def append_for_desk_and_announce(
    organisation: OrganisationRef, entries: Sequence[NewEntry], former: UUID | None = None
) -> list[Appended]:
    """Appends to the sequence only staff see, and announces what is new to the desk once it is committed. Of all this
    the ``former`` holder's desk hears only that the offer was withdrawn."""
    appended = append_desk_now(organisation.schema_name, entries)
    hints = []
    for entry, result in zip(entries, appended, strict=True):
        if result.is_new:
            text = encode(staff_fact_from_row(entry.as_row(result.at, "desk_seq", result.seq)))
            hints.append((desk_group(organisation.schema_name, result.operator_id), text))
            hints.append((watch_group(organisation.schema_name, result.conversation_id), text))
            if former is not None and entry.kind == DeskEntry.Kind.OFFER_WITHDRAWN:
                hints.append((desk_group(organisation.schema_name, former), text))
    publish_on_commit(hints)
    return appended


def announce_inbox(organisation: OrganisationRef, conversation_id: UUID, former: UUID | None = None) -> None:
    """Tells every desk of the organisation, the former holder's whatever they still answer for, and those that read
    along, what the inbox row is now. One query."""
    row = queue_row(conversation_id)
    if row is not None:
        changed: Struct = InboxChanged(entry=inbox_entry(row))
        groups = [desk_group(organisation.schema_name, None), watch_group(organisation.schema_name, conversation_id)]
        if former is not None:
            groups.append(desk_group(organisation.schema_name, former))
        publish_on_commit([(group, encode(changed)) for group in groups])
