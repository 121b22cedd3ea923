"""Alerts reach supervisors: at once on their desks, and by mail where the rule says so. Public schema."""

import logging
import smtplib
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from conversations.events import AlertEnded, AlertRaised, AlertSeen, Person, encode
from conversations.selectors import alert_fact
from operators.alerts import acknowledge_alert, alert_ref, look_at_thresholds
from operators.models import Alert, DueWork
from tenants.clock import platform_now
from tenants.models import StaffRole, User
from tenants.realtime import group_name, publish_on_commit
from tenants.selectors import public_origin
from tenants.services import record_audit

logger = logging.getLogger(__name__)


def watch_thresholds() -> bool:
    """Raises and ends alerts and tells the supervisors; false when it is not yet time or another sweep is at it.

    Safe to run from several sweeps: an alert is raised once and ends once.
    """
    with transaction.atomic():
        changes = look_at_thresholds()
        if changes is None:
            return False
        told = [encode(AlertRaised(alert=alert_fact(alert))) for alert in changes.raised]
        told += [encode(AlertEnded(alert=alert_id)) for alert_id in changes.ended]
        publish_on_commit([(group_name("supervisors"), text) for text in told])
        return True


def acknowledge(supervisor_id: UUID, name: str, alert_id: UUID) -> None:
    """This supervisor sees to it: nobody's desk asks for it any more. The first one stays. Raises NotFound."""
    with transaction.atomic():
        if acknowledge_alert(alert_id, supervisor_id):
            record_audit(None, supervisor_id, "alert.acknowledged", str(alert_id))
            seen = AlertSeen(alert=alert_id, by=Person(id=supervisor_id, name=name))
            publish_on_commit([(group_name("supervisors"), encode(seen))])


def mail_alert(alert_id: UUID) -> bool:
    """Mails one alert to every supervisor; true when it is done with. It carries numbers and names of clients and
    operators, never a visitor's word.

    Locks the alert while it is sent. A process that dies in between leaves the work: the same mail goes out again,
    under the same Message-ID. False when another process is at it, or the server did not take it.
    """
    work = DueWork.objects.filter(kind=DueWork.Kind.ALERT_MAIL, subject_id=alert_id)
    with transaction.atomic():
        if not Alert.objects.filter(pk=alert_id).exists():
            work.delete()
            return True
        locked = Alert.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
            "organisation", "operator"
        )
        alert = locked.filter(pk=alert_id).first()
        if alert is None:
            return False
        if alert.mailed_at is None:
            message = _message(alert)
            try:
                if message.bcc:
                    message.send()
            except (OSError, smtplib.SMTPException) as error:
                logger.warning("An alert was not mailed: %s", type(error).__name__)
                return False
            alert.mailed_at = platform_now()
            alert.save(update_fields=["mailed_at"])
        work.delete()
        return True


def _message(alert: Alert) -> EmailMessage:
    supervisors = User.objects.filter(is_active=True, staff_roles__role=StaffRole.Role.SUPERVISOR)
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "alert": alert_ref(alert),
            "what": alert.get_kind_display(),
            "wallboard": f"{public_origin(settings.DESK_HOST)}/wallboard/",
        }
        subject = " ".join(render_to_string("mail/alert.subject.txt", context).split())
        return EmailMessage(
            subject,
            render_to_string("mail/alert.txt", context),
            settings.DEFAULT_FROM_EMAIL,
            bcc=sorted(supervisors.values_list("email", flat=True)),
            headers={"Message-ID": f"<{alert.id}@{settings.DESK_HOST}>", "Auto-Submitted": "auto-generated"},
        )
