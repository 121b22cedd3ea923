"""Questions that are answered later."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import Conversation, Visitor
from conversations.models.escalations import Specialist
from tenants.clock import PlatformNow
from tenants.identifiers import uuid7


class ContactRequest(models.Model):
    """A question that nobody could answer at once: left outside opening hours, or kept so that it is not lost."""

    class Reason(models.TextChoices):
        CLOSED = "closed", _("left outside opening hours")
        CLOSING_TIME = "closing_time", _("still waiting at closing time")
        ESCALATION = "escalation", _("no specialist answered")
        CALL_BACK = "call_back", _("call-back promised")

    class State(models.TextChoices):
        NEW = "new", _("new")
        HANDLED = "handled", _("handled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="contact_requests", verbose_name=_("visitor"))
    cid = models.UUIDField()
    conversation = models.ForeignKey(
        Conversation,
        models.SET_NULL,
        null=True,
        related_name="contact_requests",
        verbose_name=_("conversation"),
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, default=Reason.CLOSED, db_default="closed")
    owner = models.ForeignKey(
        Specialist, models.SET_NULL, null=True, related_name="contact_requests", verbose_name=_("owner")
    )
    answer_by = models.DateTimeField(_("answer by"), null=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    body = models.TextField(_("question"), max_length=4000)
    website_key = models.CharField(_("website"), max_length=40)
    page_url = models.CharField(_("page"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=8)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.NEW)
    created_at = models.DateTimeField(_("received"), db_default=PlatformNow())

    class Meta:
        verbose_name = _("contact request")
        verbose_name_plural = _("contact requests")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["visitor", "cid"], name="conversations_contact_cid_once")]
        indexes = [models.Index(fields=["created_at"], name="conversations_contact_at")]

    def __str__(self) -> str:
        return str(self.id)
