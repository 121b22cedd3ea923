"""Images that visitors and operators send: stored privately per organisation, shown to whom they concern (rule 40).

An attachment is its uploader's alone until a message carries it; then the visitor of that conversation and the desk may
see it. Everything here runs inside the organisation's schema. Files are ``MEDIA_ROOT/<schema>/attachments/<aa>/<id>``.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from conversations.events import AttachmentFact
from conversations.models import Attachment, Conversation, Entry
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound, RateLimited
from tenants.file_names import clean_name
from tenants.file_store import file_path, remove_files_without_row, scan_file, write_file
from tenants.identifiers import uuid7
from tenants.images import read_image

FOLDER = "attachments"
MAX_UNSENT = 20
UNSENT_LIFE = timedelta(hours=24)
UPLOAD_LOCK = 0x63707570  # an advisory lock of this platform, taken per uploader


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: a visitor, or an operator of whom it is known that they serve the organisation."""

    kind: str
    id: UUID


def store_attachment(
    organisation: OrganisationRef,
    *,
    uploader_kind: str,
    uploader_id: UUID,
    conversation_id: UUID | None,
    name: str,
    data: bytes,
) -> AttachmentFact:
    """Stores an image, re-encoded, for its uploader to send. Seconds of processor time for the largest.

    Takes an advisory lock per uploader while the row is written. Raises UnsuitableFile, FileTooLarge, InfectedFile;
    RateLimited above 20 unsent ones; NotFound for a conversation that is not there. Nothing is kept then.
    """
    if conversation_id is not None and not Conversation.objects.filter(pk=conversation_id).exists():
        raise NotFound()
    _refuse_too_many(uploader_kind, uploader_id)
    image = read_image(data)
    attachment = Attachment(
        id=uuid7(),
        conversation_id=conversation_id,
        uploader_kind=uploader_kind,
        uploader_id=uploader_id,
        name=clean_name(name, image.content_type),
        content_type=image.content_type,
        size=len(image.data),
        width=image.width,
        height=image.height,
        sha256=hashlib.sha256(image.data).digest(),
    )
    path = _path(organisation, attachment.id)
    draft = path.with_suffix(".new")
    try:
        write_file(draft, image.data)
        scan_file(draft)
        with transaction.atomic():
            _one_at_a_time(uploader_id)
            _refuse_too_many(uploader_kind, uploader_id)
            draft.replace(path)
            attachment.save(force_insert=True)
    except BaseException:
        draft.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise
    return _fact(attachment)


def claim_attachments(
    organisation: OrganisationRef,
    conversation_id: UUID,
    uploader_kind: str,
    uploader_id: UUID,
    attachment_ids: Sequence[UUID],
) -> list[dict[str, Any]]:
    """Marks the uploader's own attachments as sent in this conversation; what the message says of them, in that order.

    In the caller's transaction; locks the rows. Raises NotFound for what is somebody else's, gone, or sent elsewhere.
    Claiming again for the same conversation is the same, so that a message may be sent again.
    """
    if not attachment_ids:
        return []
    rows = {
        row.pk: row
        for row in Attachment.objects.select_for_update()
        .filter(pk__in=attachment_ids, uploader_kind=uploader_kind, uploader_id=uploader_id)
        .order_by("pk")
        if row.conversation_id in (None, conversation_id)
    }
    if set(rows) != set(attachment_ids):
        raise NotFound()
    Attachment.objects.filter(pk__in=rows, sent_at=None).update(conversation_id=conversation_id, sent_at=platform_now())
    return [msgspec.to_builtins(_fact(rows[attachment_id])) for attachment_id in attachment_ids]


def open_attachment(organisation: OrganisationRef, attachment_id: UUID, reader: Reader) -> tuple[Path, Attachment]:
    """The file and its row, if this reader may see it. Raises NotFound. At most two queries."""
    attachment = Attachment.objects.filter(pk=attachment_id).select_related("conversation").first()
    if attachment is None or not _may_read(attachment, reader):
        raise NotFound()
    path = _path(organisation, attachment.pk)
    if not path.is_file():
        raise NotFound()
    return path, attachment


def _may_read(attachment: Attachment, reader: Reader) -> bool:
    if (attachment.uploader_kind, attachment.uploader_id) == (reader.kind, reader.id):
        return True
    if attachment.sent_at is None or attachment.conversation is None:
        return False
    return reader.kind == Entry.Sender.OPERATOR or attachment.conversation.visitor_id == reader.id


def remove_attachments(organisation: OrganisationRef, attachment_ids: Iterable[UUID]) -> int:
    """Removes these attachments: the rows now, the files once that is committed. Returns how many there were."""
    wanted = list(attachment_ids)
    removed, _each = Attachment.objects.filter(pk__in=wanted).delete()
    for attachment_id in wanted:
        path = _path(organisation, attachment_id)
        transaction.on_commit(lambda path=path: path.unlink(missing_ok=True), robust=True)  # type: ignore[misc]
    return removed


def remove_unsent_attachments(organisation: OrganisationRef) -> int:
    """Removes what nobody sent within 24 hours, and files that an interrupted request or removal left. Run daily.

    Skips rows that a message is just claiming. Returns how many attachments were removed. One query per folder, of 256.
    """
    with transaction.atomic():
        unsent = Attachment.objects.select_for_update(skip_locked=True).filter(
            sent_at=None, created_at__lt=platform_now() - UNSENT_LIFE
        )
        removed = remove_attachments(organisation, list(unsent.values_list("pk", flat=True)))
    remove_files_without_row(organisation, FOLDER, Attachment.objects.all())
    return removed


def _refuse_too_many(uploader_kind: str, uploader_id: UUID) -> None:
    unsent = Attachment.objects.filter(uploader_kind=uploader_kind, uploader_id=uploader_id, sent_at=None).count()
    if unsent >= MAX_UNSENT:
        raise RateLimited()


def _one_at_a_time(uploader_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [UPLOAD_LOCK, str(uploader_id)])


def _fact(attachment: Attachment) -> AttachmentFact:
    return AttachmentFact(
        id=attachment.pk,
        name=attachment.name,
        content_type=attachment.content_type,
        size=attachment.size,
        width=attachment.width,
        height=attachment.height,
    )


def _path(organisation: OrganisationRef, attachment_id: UUID) -> Path:
    return file_path(organisation, FOLDER, attachment_id)
