"""A real mail server for tests, which keeps what it is sent and can be told to refuse or to hang."""

import email
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tests.servers import free_port

PATIENCE_SECONDS = 20.0
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells each line it hears
TOKEN = re.compile(r"/(?:specialist|invitation)/#([\w.-]+)")


class MailServer:
    """``answer`` is what the sender hears after its data; ``before_answer`` runs once the mail was taken."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[EmailMessage] = []
        self.answer = "250 Kept"
        self.before_answer: Callable[[], None] = lambda: None
        self._arrived = threading.Condition()

    @property
    def environment(self) -> dict[str, str]:
        """For a process that is to send its mails here."""
        return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.port)}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        mail = email.message_from_bytes(cast(bytes, envelope.content), policy=default)
        with self._arrived:
            self.mails.append(mail)
            self._arrived.notify_all()
        self.before_answer()
        return self.answer

    def wait_for(self, count: int, recipient: str = "") -> list[EmailMessage]:
        """The mails to this address, once there are so many."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self._arrived:
            while len(found := self.to(recipient)) < count:
                assert self._arrived.wait(deadline - time.monotonic()), f"{len(found)} of {count} mails to {recipient}"
            return found

    def to(self, recipient: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if recipient in str(mail["To"])]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def token_in(mail: EmailMessage) -> str:
    """What stands in the fragment of the mailed link."""
    found = TOKEN.search(text_of(mail))
    assert found is not None, text_of(mail)
    return found[1]


@contextmanager
def mail_server(port: int | None = None) -> Iterator[MailServer]:
    """On a port of its own, or on the one that all of the session's processes send to: ``EMAIL_PORT``."""
    server = MailServer(port or free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port, ready_timeout=10)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
