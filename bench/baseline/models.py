"""What is stored for each message, as ordinary models."""

import uuid

from django.db import models


class Conversation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    operator = models.CharField(max_length=40)
    last_seq = models.PositiveIntegerField(default=0)

    objects: models.Manager["Conversation"] = models.Manager()

    def __str__(self) -> str:
        return str(self.id)


class Message(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    conversation = models.ForeignKey(Conversation, models.CASCADE)
    seq = models.PositiveIntegerField()
    sender = models.CharField(max_length=10)
    cid = models.UUIDField()
    body = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    objects: models.Manager["Message"] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_once"),
            models.UniqueConstraint(fields=["conversation", "sender", "cid"], name="message_cid_once"),
        ]

    def __str__(self) -> str:
        return f"{self.seq}"


class Promise(models.Model):
    conversation = models.ForeignKey(Conversation, models.CASCADE)
    opened_seq = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects: models.Manager["Promise"] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(settled_at__isnull=True), name="one_open_promise"
            )
        ]

    def __str__(self) -> str:
        return f"{self.opened_seq}"
