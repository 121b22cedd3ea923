"""A report as a mail: numbers only, in HTML for old and new readers, in plain text, and one picture.

Nothing that a visitor wrote is in it, and its links carry nothing that lets anybody in: they lead to the log-in.
"""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from ratings.documents.document import ReportDocument
from ratings.documents.looks import ink_on
from ratings.documents.pictures import course_picture
from ratings.documents.words import (
    chart_title,
    heading,
    period_before,
    reading_notes,
    version_line,
)

PICTURE_ID = "course"


@dataclass(frozen=True, slots=True)
class ReportMail:
    """``picture`` is None when no reply was due in any of the periods."""

    subject: str
    text: str
    html: str
    picture: bytes | None


def report_mail(document: ReportDocument, *, link: str, settings_link: str, is_correction: bool = False) -> ReportMail:
    """In the active language. ``link`` leads to the report in the client's admin, ``settings_link`` to who gets it."""
    kind = {"day": gettext("daily report"), "week": gettext("weekly report"), "month": gettext("monthly report")}[
        document.span.kind.value
    ]
    words = (
        gettext("%(organisation)s: corrected %(kind)s, %(period)s")
        if is_correction
        else (gettext("%(organisation)s: %(kind)s, %(period)s"))
    )
    subject = words % {"organisation": document.organisation, "kind": kind, "period": heading(document)}
    has_picture = any(step.kept + step.late for step in document.course)
    context = {
        "document": document,
        "language": get_language(),
        "heading": heading(document),
        "version_line": version_line(document),
        "before_title": period_before(document),
        "chart_title": chart_title(document),
        "notes": reading_notes(document),
        "ink": ink_on(document.colour),
        "link": link,
        "settings_link": settings_link,
        "is_correction": is_correction,
        "picture_id": PICTURE_ID if has_picture else None,
    }
    labels = gettext("in time"), gettext("too late")
    return ReportMail(
        " ".join(subject.split()),
        render_to_string("mail/report.txt", context),
        render_to_string("mail/report.html", context),
        course_picture(document.span.kind, document.course, *labels) if has_picture else None,
    )
