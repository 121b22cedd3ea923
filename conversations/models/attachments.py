"""Images that visitors and operators send."""

from django.db import models

from conversations.models.conversations import Conversation
from conversations.models.stream import Entry
from tenants.clock import PlatformNow
from tenants.identifiers import uuid7


class Attachment(models.Model):
    """An image, re-encoded and stored privately. Belongs to its uploader until a message carries it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, related_name="attachments")
    uploader_kind = models.CharField(max_length=10, choices=Entry.Sender)
    uploader_id = models.UUIDField()
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(help_text="Bytes.")
    width = models.PositiveIntegerField(help_text="Pixels.")
    height = models.PositiveIntegerField(help_text="Pixels.")
    sha256 = models.BinaryField(max_length=32)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=PlatformNow())

    def __str__(self) -> str:
        return str(self.id)
