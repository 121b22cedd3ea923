"""Mails are rows first, and go out through a real mail server: once, or again as the very same mail."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from urllib.request import Request, urlopen
from uuid import UUID, uuid4

import pytest
from pytest_django.fixtures import Settings

from conversations import tasks
from conversations.models import OutgoingMail, Specialist
from conversations.services import escalating
from conversations.services.escalating import withdraw_escalation
from conversations.services.mailing import MOST_ATTEMPTS, send_mail
from conversations.services.writing import leave_contact_request
from operators.models import Clock, DueWork
from operators.selectors import OperatorRef
from tenants.clock import clock_moved, platform_now
from tenants.context import in_organisation
from tenants.selectors import website_by_key
from tests import servers
from tests.cast import globex, visitor_of
from tests.conversations.escalation_scene import (
    Held,
    escalate,
    held_question,
    mails,
    moves,
    opened,
    requests_of,
    steps_of,
    strike,
    visible,
)
from tests.conversations.scene import PAGE, append, asked, dismiss_operators, hire_operator, lay_conversation
from tests.mail_server import MailServer, html_of, mail_server, text_of, token_in

PATIENCE_SECONDS = 60.0


@pytest.fixture(autouse=True)
def _nothing_is_due_yet(platform_database: None) -> None:
    """What earlier tests left open is not this test's."""
    Clock.objects.all().delete()
    DueWork.objects.all().delete()


@pytest.fixture
def post_office(settings: Settings) -> Iterator[MailServer]:
    """A real mail server that this process sends to."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def operator(specialists: list[Specialist]) -> Iterator[OperatorRef]:
    hired = hire_operator(globex(), capacity=500)
    yield hired
    dismiss_operators([hired.id])


@pytest.fixture
def held(operator: OperatorRef) -> Held:
    return held_question(operator)


def ask(held: Held, **how: object) -> UUID:
    """Greta is asked; the id of the mail to her."""
    mail_id = escalate(held, **how).mail_id  # type: ignore[arg-type]
    assert mail_id is not None
    return mail_id


def send(mail_id: UUID) -> bool:
    return in_organisation(globex(), send_mail, mail_id)


def row(mail_id: UUID) -> OutgoingMail:
    return in_organisation(globex(), lambda _: OutgoingMail.objects.get(pk=mail_id))


def until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_a_specialist_is_written_to_in_their_language_with_a_link_that_opens(
    held: Held, post_office: MailServer
) -> None:
    mail_id = ask(held, reason="A card & an <b>account</b>")

    assert send(mail_id)

    [mail] = post_office.mails
    [step] = steps_of(held[0])
    assert mail["To"] == "greta@globex.example"
    assert mail["Subject"] == "Globex Bank: a visitor needs your advice"
    assert mail["Message-ID"] == f"<{mail_id}@desk.localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Olga" in text_of(mail)
    assert "A card & an <b>account</b>" in text_of(mail)
    assert "A card &amp; an &lt;b&gt;account&lt;/b&gt;" in html_of(mail)  # rule 39
    assert "How do I get a card" not in text_of(mail) + html_of(mail)
    assert token_in(mail) in html_of(mail)
    assert "//globex.localhost:" in text_of(mail)
    assert opened(step).step_id == step.id
    assert (row(mail_id).state, row(mail_id).attempts) == ("sent", 1)
    assert not DueWork.objects.filter(subject_id=mail_id).exists()


def test_a_mail_that_was_sent_is_not_sent_again(held: Held, post_office: MailServer) -> None:
    mail_id = ask(held)

    assert send(mail_id)
    assert send(mail_id)

    assert len(post_office.mails) == 1


@pytest.mark.parametrize("answer", ["451 Try later", "421 Closing"])
def test_a_server_that_has_no_time_is_asked_again_later_and_later(
    held: Held, post_office: MailServer, answer: str
) -> None:
    mail_id = ask(held)
    post_office.answer = answer
    for attempt, seconds in enumerate([2, 4, 8], start=1):
        started = platform_now()
        assert not send(mail_id)
        work = DueWork.objects.get(subject_id=mail_id)
        assert seconds - 0.5 < (work.due_at - started).total_seconds() < seconds + 5
        assert (row(mail_id).state, row(mail_id).attempts) == ("waiting", attempt)
    assert row(mail_id).last_error == f"SMTPDataError {answer[:3]}"
    assert moves(held[0]) == [("asked", "Greta")]

    post_office.answer = "250 Kept"
    assert send(mail_id)
    assert len({mail["Message-ID"] for mail in post_office.mails}) == 1
    assert len({token_in(mail) for mail in post_office.mails}) == 1
    assert (row(mail_id).state, row(mail_id).last_error) == ("sent", "")


@pytest.mark.parametrize("why", ["refused for good", "too often"])
def test_a_mail_that_cannot_be_delivered_is_told_to_the_desk_once(
    held: Held, post_office: MailServer, why: str
) -> None:
    mail_id = ask(held)
    post_office.answer = "550 No such person" if why == "refused for good" else "451 Try later"
    if why == "too often":
        in_organisation(globex(), lambda _: OutgoingMail.objects.filter(pk=mail_id).update(attempts=MOST_ATTEMPTS - 1))

    assert send(mail_id)
    assert send(mail_id)

    assert row(mail_id).state == "failed"
    assert moves(held[0]) == [("asked", "Greta"), ("unreachable", "Greta")]
    assert not DueWork.objects.filter(subject_id=mail_id).exists()
    [step] = steps_of(held[0])
    assert step.ended_at is None  # the deadline decides
    with clock_moved(timedelta(minutes=16)):
        assert strike(step)
    assert [one.specialist_name for one in steps_of(held[0])] == ["Greta", "Gus"]


def test_nobody_is_written_to_about_what_is_over(held: Held, post_office: MailServer) -> None:
    escalated = escalate(held)
    in_organisation(globex(), withdraw_escalation, held[1], held[0].id, escalated.id)

    [mail] = [one for one in mails() if one.id == escalated.mail_id]
    assert send(mail.id)

    assert post_office.mails == []
    assert row(mail.id).state == "dropped"


def test_a_reminder_is_dropped_when_the_specialist_accepted_meanwhile(held: Held, post_office: MailServer) -> None:
    escalate(held)
    [step] = steps_of(held[0])
    with clock_moved(timedelta(minutes=10)):
        assert strike(step)
    in_organisation(globex(), escalating.accept_question, opened(step))

    [reminder] = [one for one in mails() if one.subject_id == step.id and one.kind == "specialist_reminded"]
    assert send(reminder.id)

    assert row(reminder.id).state == "dropped"
    assert post_office.mails == []


def test_a_kept_question_is_mailed_to_its_owner_with_the_visitors_words_as_text(
    operator: OperatorRef, post_office: MailServer
) -> None:  # rule 39
    held = held_question(operator, 'My card <img src=x onerror="alert(1)"> is gone')
    escalate(held)
    by = platform_now() + timedelta(hours=2)
    in_organisation(globex(), escalating.promise_call_back, opened(steps_of(held[0])[0]), by)
    [request] = requests_of(held[0])
    [mail] = [one for one in mails() if one.subject_id == request.id]

    assert send(mail.id)

    [sent] = post_office.mails
    assert '<img src=x onerror="alert(1)">' in text_of(sent)
    assert "<img" not in html_of(sent)
    assert "&lt;img src=x" in html_of(sent)


def test_an_address_that_comes_later_is_mailed_to_the_owner_of_the_question(
    operator: OperatorRef, post_office: MailServer
) -> None:
    visitor = visitor_of(globex())
    conversation = lay_conversation(globex(), operator=operator, visitor_id=visitor.id)
    append(globex(), asked(conversation, "Please call me"))
    escalate((conversation, operator))
    by = platform_now() + timedelta(hours=2)
    in_organisation(globex(), escalating.promise_call_back, opened(steps_of(conversation)[0]), by)
    [request] = requests_of(conversation)

    in_organisation(
        globex(),
        leave_contact_request,
        token=visitor.token,
        website=website_by_key(globex(), "globex-bank"),
        page=PAGE,
        language="en",
        cid=uuid4(),
        name="Victor",
        email="victor@example.com",
        body="",
    )
    first, second = [one for one in mails() if one.subject_id == request.id]
    assert send(first.id)
    assert send(second.id)

    assert len(requests_of(conversation)) == 1
    assert "victor@example.com" in text_of(post_office.mails[-1])


def test_with_celery_gone_a_sweep_sends(held: Held) -> None:  # rule 12
    with (
        mail_server() as server,
        servers.sweep(environment={**server.environment, "REDIS_URL": "redis://127.0.0.1:1/0"}),
    ):
        mail_id = ask(held)
        server.wait_for(1, "greta")
        assert until(lambda: row(mail_id).state == "sent")


def test_without_a_sweep_a_worker_sends(held: Held) -> None:  # rules 12, 19
    with mail_server() as server, servers.worker(environment=server.environment) as worker:
        mail_id = ask(held)
        tasks.enqueue_mail(globex().schema_name, mail_id)
        tasks.enqueue_mail(globex().schema_name, mail_id)
        assert until(lambda: row(mail_id).state == "sent"), worker.log()
        assert len(server.mails) == 1


@pytest.mark.parametrize("what", ["sweep", "worker"])
def test_a_process_killed_while_it_sends_leaves_the_very_same_mail_to_the_next(held: Held, what: str) -> None:
    # rules 12, 21
    with mail_server() as server, ExitStack() as stack:
        start = servers.sweep if what == "sweep" else servers.worker
        first = stack.enter_context(start(environment=server.environment))
        killed: list[int] = []

        def kill_sender() -> None:
            if not killed:
                killed.append(os.getpgid(first.pid))
                os.killpg(killed[0], signal.SIGKILL)
                time.sleep(0.2)

        server.before_answer = kill_sender
        mail_id = ask(held)
        if what == "worker":
            tasks.enqueue_mail(globex().schema_name, mail_id)
        server.wait_for(1, "greta")
        assert row(mail_id).state == "waiting"
        stack.enter_context(servers.sweep(environment=server.environment))

        one, again = server.wait_for(2, "greta")

        assert one["Message-ID"] == again["Message-ID"]
        assert text_of(one) == text_of(again)
        assert until(lambda: row(mail_id).state == "sent")
        assert moves(held[0]) == [("asked", "Greta")]
        assert len(steps_of(held[0])) == 1


def test_two_sweeps_of_which_one_is_killed_move_every_question_once(operator: OperatorRef) -> None:  # rule 21
    questions = [held_question(operator, f"Question {number}") for number in range(12)]
    with mail_server() as server:
        sweeps = [servers.sweep(environment=server.environment) for _ in range(2)]
        try:
            for held in questions:
                escalate(held)
            server.wait_for(12, "greta")
            now = platform_now()
            steps = [steps_of(held[0])[0].id for held in questions]
            Clock.objects.filter(pk__in=steps).update(warn_at=None, due_at=now, next_at=now)
            assert until(lambda: any(len(steps_of(held[0])) == 2 for held in questions))
            sweeps[0].kill()

            server.wait_for(12, "gus")
            asked_last = {steps_of(held[0])[1].id for held in questions}
            assert until(lambda: {one.state for one in mails() if one.subject_id in asked_last} == {"sent"})
        finally:
            for sweep in sweeps:
                sweep.kill()
        assert len({mail["Message-ID"] for mail in server.to("gus")}) == 12
    for held in questions:
        assert moves(held[0]) == [("asked", "Greta"), ("silent", "Greta"), ("asked", "Gus")]
        assert visible(held[0]).count("specialist.asked") == 2


def test_the_link_and_the_secret_are_in_no_log(held: Held) -> None:  # rules 36, 42
    with mail_server() as server, servers.web() as web, servers.sweep(environment=server.environment) as sweep:
        escalate(held)
        token = token_in(server.wait_for(1, "greta")[0])

        def post(path: str, body: object, **headers: str) -> dict[str, object]:
            request = Request(
                web.address + path,
                json.dumps(body).encode(),
                {"Host": f"globex.localhost:{web.port}", "Origin": f"http://globex.localhost:{web.port}", **headers},
            )
            with urlopen(request, timeout=20) as answer:
                return json.load(answer)

        secret = post("/api/guest/open", {"token": token})["frames"][0]["secret"]  # type: ignore[index]
        post("/api/guest/commands", {"commands": [{"type": "question.accept"}]}, Authorization=f"Bearer {secret}")
        logs = web.log() + sweep.log()

    assert visible(held[0])[-1] == "specialist.accepted"
    for hidden in (token, token.split(".")[-1], str(secret), "greta@globex.example"):
        assert hidden not in logs
