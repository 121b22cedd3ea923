"""The outbox of mails."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.clock import PlatformNow
from tenants.identifiers import uuid7


class OutgoingMail(models.Model):
    """The outbox: a mail that must go out. Its text is made from ``subject_id``'s row when it is sent.

    Its due work is in the public schema. Sent again after a crash it is the same mail, with the same Message-ID.
    """

    class Kind(models.TextChoices):
        SPECIALIST_ASKED = "specialist_asked", _("a specialist is asked")
        SPECIALIST_REMINDED = "specialist_reminded", _("a specialist is reminded")
        NEW_LINK = "new_link", _("a specialist's new link")
        CONTACT_REQUEST = "contact_request", _("a contact request")
        ARTICLE_REPORTED = "article_reported", _("an article is reported")
        RATING_ASKED = "rating_asked", _("a visitor is asked for a rating")
        REPORT = "report", _("a report of figures")
        FOLLOW_UP = "follow_up", _("managers are told of a follow-up")
        FOLLOW_UP_DESK = "follow_up_desk", _("supervisors are told of a follow-up")
        INVITATION = "invitation", _("somebody is invited")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("no longer needed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    subject_id = models.UUIDField()
    number = models.PositiveSmallIntegerField(default=1, help_text="Distinguishes mails of one kind about one row.")
    recipient = models.EmailField(_("to"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=PlatformNow())
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id", "number"], name="conversations_mail_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
