"""Reports by mail: queued with the report that makes them necessary, made when they are sent."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from email.mime.image import MIMEImage
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from conversations.models import OutgoingMail
from conversations.services.mailing import mail_to
from conversations.services.outbox import queue_mail
from ratings.documents.building import report_document
from ratings.documents.document import SMALL_GROUP
from ratings.documents.files import FILES
from ratings.documents.mail import PICTURE_ID, report_mail
from ratings.models import Report, ReportDelivery, ReportSubscription
from ratings.periods import span_of
from ratings.selectors import local_today
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.selectors import managers_of, organisation_origin
from tenants.shares import share_percent

SENT_AT = time(6)
"""The organisation's time on the morning after. By then a night's last conversations are counted."""
MAILED_WITHIN_DAYS = 3
"""A report that is caught up later is on its page; nobody is sent a fortnight of them."""
CORRECTED_POINTS, CORRECTED_PERCENT = 5, 10
MOST_MAILS = 2


def queue_deliveries(organisation: OrganisationRef, report: Report) -> list[UUID]:
    """The mails that this version of a report makes necessary. In the caller's transaction, which made the version.

    The first version is mailed once to each subscriber, at six in the morning, as it is then. A later one is mailed
    again only when it differs by what :func:`is_worth_correcting` says, and once at most: late marks never do.
    Locks the deliveries.
    """
    span, today = span_of(report.period_kind, report.starts_on), local_today(organisation.time_zone)
    if not today - timedelta(days=MAILED_WITHIN_DAYS) <= span.last < today:
        return []
    morning = datetime.combine(span.last + timedelta(days=1), SENT_AT, tzinfo=ZoneInfo(organisation.time_zone))
    due_at = max(morning, platform_now())
    queued = []
    for subscription in ReportSubscription.objects.filter(kind=report.period_kind):
        delivery, is_new = ReportDelivery.objects.select_for_update(of=("self",)).get_or_create(
            subscription=subscription, starts_on=report.starts_on
        )
        if not is_new:
            mailed = delivery.report
            if mailed is None or delivery.mails >= MOST_MAILS or not is_worth_correcting(mailed, report):
                continue
            waiting = OutgoingMail.objects.filter(subject_id=delivery.id, state=OutgoingMail.State.WAITING)
            if waiting.exists():  # it was tried, and will be made anew
                continue
            delivery.mails += 1
            delivery.save(update_fields=["mails"])
        queued.append(
            queue_mail(
                organisation, OutgoingMail.Kind.REPORT, delivery.id, subscription.email, delivery.mails, due_at=due_at
            )
        )
    return queued


def is_worth_correcting(mailed: Report, now: Report) -> bool:
    """Whether somebody who read the mailed version would be wrong about it: a share in time moved by five points, or a
    tenth of the conversations came or went; of ten or more."""
    if max(mailed.conversations, now.conversations) >= SMALL_GROUP:
        moved = abs(now.conversations - mailed.conversations)
        if 100 * moved >= CORRECTED_PERCENT * max(mailed.conversations, now.conversations):
            return True
    return any(
        min(old[1], new[1]) >= SMALL_GROUP and abs(share_percent(*new) - share_percent(*old)) >= CORRECTED_POINTS
        for old, new in zip(_shares(mailed), _shares(now), strict=True)
    )


def _shares(report: Report) -> Sequence[tuple[int, int]]:
    return [
        (report.first_replies_kept, report.first_replies),
        (report.follow_ups_kept, report.follow_ups),
    ]


def report_message(organisation: OrganisationRef, mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """The mail of one delivery as the report is now; None when it was unsubscribed, or its reader manages no more.

    Locks the delivery, and writes down which version was mailed.
    """
    locked = ReportDelivery.objects.select_for_update(of=("self",)).select_related("subscription")
    delivery = locked.filter(pk=mail.subject_id).first()
    if delivery is None:
        return None
    subscription = delivery.subscription
    reader = next((one for one in managers_of(organisation) if one.id == subscription.account_id), None)
    report = Report.objects.filter(period_kind=subscription.kind, starts_on=delivery.starts_on, is_current=True).first()
    if reader is None or report is None:
        return None
    delivery.report = report
    delivery.save(update_fields=["report"])
    mail.recipient = reader.email
    pages = f"{organisation_origin(organisation)}/admin/ratings"
    settings_link = f"{pages}/reportsubscription/{subscription.pk}/change/"
    with translation.override(subscription.language):
        document = report_document(organisation, report)
        written = report_mail(
            document,
            link=f"{pages}/report/{report.pk}/change/",
            settings_link=settings_link,
            is_correction=mail.number > 1,
        )
        files = [(f"{document.file_stem}.{end}", kind.write(document), kind.mime_type) for end, kind in FILES.items()]
    headers = {"List-Unsubscribe": f"<{settings_link}>"}
    message = mail_to(mail, written.subject, written.text, written.html, headers)
    if written.picture is not None:
        picture = MIMEImage(written.picture, "png")
        picture.add_header("Content-ID", f"<{PICTURE_ID}>")
        picture.add_header("Content-Disposition", "inline", filename=f"{PICTURE_ID}.png")
        message.attach(picture)
    for name, content, mime_type in files:
        message.attach(name, content, mime_type)
    return message
