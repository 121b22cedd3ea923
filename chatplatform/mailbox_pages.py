"""The development mailbox: every mail the platform sent, with links to click. On the demo websites' hosts only, which
exist in development alone."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

SHOWN_MAILS = 100
NAME = re.compile(r"\d+-[0-9a-f]{8}\Z")


@dataclass(frozen=True, slots=True)
class StoredMail:
    name: str
    at: datetime
    recipient: str
    subject: str
    text: str


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Newest first."""
    files = sorted(_folder().glob("*.eml"), reverse=True)[:SHOWN_MAILS]
    return render(request, "demo/mailbox.html", {"mails": [_read(path) for path in files]})


@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail, as text."""
    path = _folder() / f"{name}.eml"
    if not NAME.match(name) or not path.exists():
        raise Http404
    return render(request, "demo/mail.html", {"mail": _read(path)})


def _folder() -> Path:
    return Path(settings.MAILBOX_FOLDER)


def _read(path: Path) -> StoredMail:
    message = message_from_bytes(path.read_bytes(), policy=default)
    part = message.get_body(("plain", "html"))
    return StoredMail(
        name=path.stem,
        at=datetime.fromtimestamp(int(path.stem.partition("-")[0]) / 1e9, UTC),
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        text=part.get_content() if part else "",
    )
