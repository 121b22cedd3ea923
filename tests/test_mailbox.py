"""The development mailbox: what is sent to it can be read under the demo websites' hosts, as text, and nowhere else."""

import smtplib
import subprocess
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from chatplatform.embedded import processes
from chatplatform.settings import base
from tests.cast import acme, client_of
from tests.servers import free_port

HOST, PATH = "acme-shop.localhost", "/development/mailbox/"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Of the test's own."""
    settings.MAILBOX_FOLDER = tmp_path / "mail"
    return tmp_path / "mail"


@pytest.fixture
def mailbox_port(folder: Path) -> Iterator[int]:
    """The real child of `make run`."""
    port = free_port()
    running = subprocess.Popen([*processes.mailbox(port=port, folder=folder).command])
    yield port
    running.terminate()
    running.wait(10)


def send(port: int, subject: str, text: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "no-reply@desk.localhost", "stan@acme.example", subject
    message.set_content(text)
    deadline = time.monotonic() + 20
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
                server.send_message(message)
            return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_mail_can_be_read_and_its_link_clicked(mailbox_port: int) -> None:  # rule 39
    acme()
    client = client_of(HOST)
    assert "No mail yet" in client.get(PATH).content.decode()

    send(
        mailbox_port,
        "A question <b>",
        "Hello <script>x</script>\nhttp://acme.localhost:8000/specialist/#abc.1.de_f-g\n",
    )
    send(mailbox_port, "Another", "Later")

    listing = client.get(PATH).content.decode()
    assert listing.index("Another") < listing.index("A question &lt;b&gt;")
    names = [part.split('/"')[0] for part in listing.split('<li><a href="')[1:]]
    page = client.get(f"{PATH}{names[1]}/").content.decode()
    assert 'href="http://acme.localhost:8000/specialist/#abc.1.de_f-g"' in page
    assert "&lt;script&gt;x" in page
    assert "<script>" not in page


@pytest.mark.parametrize("name", ["nothing", "..", "1-00000000", "%2e%2e%2fservices", "1-0000000g"])
def test_nothing_but_a_mail_can_be_read(name: str) -> None:
    acme()

    assert client_of(HOST).get(f"{PATH}{name}/").status_code == 404


@pytest.mark.parametrize("host", ["desk.localhost", "acme.localhost"])
def test_only_the_demo_websites_have_it(host: str) -> None:
    acme()

    assert client_of(host).get(PATH).status_code == 404


def test_production_has_no_demo_websites() -> None:
    assert base.DEMO_HOSTS == {}
    assert not hasattr(base, "MAILBOX_FOLDER")
