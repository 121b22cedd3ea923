"""Specialists, and the questions that were handed to them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import Conversation
from tenants.identifiers import uuid7


class Specialist(models.Model):
    """An expert of the organisation, outside the operator pool. Reached by mail; needs no account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language of the mails"), max_length=8, default="en")
    topics = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("topics"),
        default=list,
        blank=True,
        help_text=_("Empty: all topics."),
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=1, help_text=_("The lowest is asked first; the next one substitutes.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("specialist")
        verbose_name_plural = _("specialists")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Escalation(models.Model):
    """An advice question handed to the organisation's own experts: one after the other, each with a clock."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        ACCEPTED = "accepted", _("accepted")
        ANSWERED = "answered", _("answered")
        CALL_BACK = "call_back", _("call-back promised")
        RETURNED = "returned", _("back at the operator")
        KEPT = "kept", _("kept as a contact request")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="escalations", verbose_name=_("conversation")
    )
    cid = models.UUIDField()
    topic = models.CharField(_("topic"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    summary = models.TextField(_("summary"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    asked_by_id = models.UUIDField()
    asked_by_name = models.CharField(_("asked by"), max_length=40)
    asked_at = models.DateTimeField(_("asked"))
    call_back_at = models.DateTimeField(_("call back by"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(ended_at__isnull=True), name="conversations_one_open_escalation"
            ),
            models.UniqueConstraint(fields=["conversation", "cid"], name="conversations_escalation_cid_once"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class EscalationStep(models.Model):
    """One specialist who was asked, by when they were to accept and to answer, and the link that only they have.

    The link's token is a signature over this row's id and ``link_number``; a new link revokes the one before. The first
    browser that opens it gets a secret of its own, and the link is spent.
    """

    class Outcome(models.TextChoices):
        OPEN = "", _("open")
        ANSWERED = "answered", _("answered")
        CALL_BACK = "call_back", _("call-back promised")
        DECLINED = "declined", _("declined")
        SILENT = "silent", _("no answer")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="steps")
    specialist = models.ForeignKey(Specialist, models.SET_NULL, null=True, related_name="+")
    specialist_name = models.CharField(_("specialist"), max_length=80)
    number = models.PositiveSmallIntegerField(help_text="1 for the first who was asked.")
    asked_at = models.DateTimeField(_("asked"))
    accept_by = models.DateTimeField(_("accept by"))
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    answer_by = models.DateTimeField(_("answer by"), null=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    link_number = models.PositiveSmallIntegerField(default=1)
    link_expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, help_text="When this link was opened; null for a fresh one.")
    guest_hash = models.BinaryField(max_length=32, null=True, help_text="Hash of the secret the browser holds.")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["escalation", "number"], name="conversations_escalation_step_once"),
            models.UniqueConstraint(
                fields=["escalation"], condition=Q(ended_at__isnull=True), name="conversations_one_open_step"
            ),
            models.UniqueConstraint(
                fields=["guest_hash"], condition=Q(guest_hash__isnull=False), name="conversations_guest_hash_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.outcome}"
