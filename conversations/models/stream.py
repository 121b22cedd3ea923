"""The two gapless sequences of a conversation. Written by the journal alone."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import Conversation
from tenants.identifiers import uuid7


class Entry(models.Model):
    """One fact a visitor may see, in the conversation's gapless ``seq``. Written by the journal alone."""

    class Kind(models.TextChoices):
        MESSAGE_SENT = "message.sent", _("message")
        MESSAGE_EDITED = "message.edited", _("edit")
        MESSAGE_DELETED = "message.deleted", _("deletion")
        READ_MARKED = "read.marked", _("read mark")
        TOPIC_ASKED = "topic.asked", _("topic asked")
        TOPIC_CHOSEN = "topic.chosen", _("topic chosen")
        CONVERSATION_ASSIGNED = "conversation.assigned", _("assignment")
        CONVERSATION_CLOSED = "conversation.closed", _("closing")
        CONVERSATION_REOPENED = "conversation.reopened", _("reopening")
        SPECIALIST_ASKED = "specialist.asked", _("specialist asked")
        SPECIALIST_ACCEPTED = "specialist.accepted", _("specialist accepted")
        SPECIALIST_RETURNED = "specialist.returned", _("back from the specialist")
        CALLBACK_PROMISED = "callback.promised", _("call-back promised")
        QUESTION_KEPT = "question.kept", _("question kept for later")
        RATING_REQUESTED = "rating.requested", _("rating asked")
        RATING_GIVEN = "rating.given", _("rating given")
        RATING_ANSWERED = "rating.answered", _("question answered")

    class Sender(models.TextChoices):
        VISITOR = "visitor", _("visitor")
        OPERATOR = "operator", _("operator")
        SPECIALIST = "specialist", _("specialist")
        AUTOMATIC = "automatic", _("automatic")
        SYSTEM = "system", _("system")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="entries", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=Kind)
    sender_kind = models.CharField(max_length=10, choices=Sender)
    sender_id = models.UUIDField(null=True)
    sender_name = models.CharField(max_length=80, blank=True)
    cid = models.UUIDField(null=True)
    target = models.PositiveIntegerField(null=True, help_text="The seq of the entry this one is about.")
    body = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="conversations_entry_seq_once"),
            models.UniqueConstraint(
                fields=["cid", "sender_id", "sender_kind", "conversation"],
                condition=Q(cid__isnull=False),
                nulls_distinct=False,
                name="conversations_entry_cid_once",
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="conversations_entry_seq_from_one"),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(target__lt=F("seq")), name="conversations_entry_target_before"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq}"


class DeskEntry(models.Model):
    """One fact for staff only, in the conversation's gapless ``desk_seq``. Its own table, so that none can leak."""

    class Kind(models.TextChoices):
        NOTE_ADDED = "note.added", _("note")
        OFFER_MADE = "offer.made", _("offer")
        OFFER_WITHDRAWN = "offer.withdrawn", _("offer taken back")
        PROMISE_PAUSED = "promise.paused", _("paused promise")
        PROMISE_RESUMED = "promise.resumed", _("resumed promise")
        SUPERVISOR_ALERTED = "supervisor.alerted", _("alert")
        WHISPER_ADDED = "whisper.added", _("whisper")
        ESCALATION_MOVED = "escalation.moved", _("escalation")
        PROMISE_WARNED = "promise.warned", _("promise warning")
        PROMISE_BROKEN = "promise.broken", _("broken promise")
        PURPOSE_RECORDED = "purpose.recorded", _("purpose")
        ENDING_RECORDED = "ending.recorded", _("how it ended")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="desk_entries", db_index=False)
    desk_seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=Kind)
    sender_kind = models.CharField(max_length=10, choices=Entry.Sender)
    sender_id = models.UUIDField(null=True)
    sender_name = models.CharField(max_length=80, blank=True)
    cid = models.UUIDField(null=True)
    body = models.TextField(blank=True)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["desk_seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "desk_seq"], name="conversations_desk_entry_seq_once"),
            models.UniqueConstraint(
                fields=["cid", "sender_id", "sender_kind", "conversation"],
                condition=Q(cid__isnull=False),
                nulls_distinct=False,
                name="conversations_desk_entry_cid_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.desk_seq}"
