"""Asking by mail: who left an address and agreed to it, once; and the link, which opens one rating and nothing else."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django.fixtures import Settings

from conversations.models import Entry, OutgoingMail, Visitor
from conversations.services.mailing import send_mail
from conversations.services.writing import leave_contact_request
from operators.models import DueWork
from ratings.asking import questions_in
from ratings.models import Answer, Ask, AskLink, AskSettings, Rating
from ratings.services import answer_question, give_rating
from ratings.services.mailing import mail_due_asks
from ratings.views import link
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord
from tenants.selectors import website_by_key
from tests.cast import VisitorHere, acme, client_of, globex, visitor_of
from tests.conversations.scene import PAGE, in_threads
from tests.mail_server import MailServer, html_of, mail_server, text_of
from tests.ratings.rows import a_conversation, an_ask

QUESTIONS = ["expectation", "trust", "ease", "solved"]
LINK = re.compile(r"http://acme\.localhost:\d+/rating/\?language=en#([\w-]{43})\b")


@pytest.fixture(autouse=True)
def _asks_by_mail(platform_database: None) -> Iterator[None]:
    DueWork.objects.all().delete()
    link._wrong.clear()

    def set_up(_organisation: OrganisationRef) -> None:
        Ask.objects.all().delete()  # what other tests left is due here
        AskSettings.objects.update_or_create(id=1, defaults={"mails": True, "mail_after_days": 1})

    in_organisation(acme(), set_up)
    yield
    in_organisation(acme(), lambda _: AskSettings.objects.all().delete())


@pytest.fixture
def post_office(settings: Settings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def a_visitor(*, agrees: bool = True, email: str = "vera@example.com") -> VisitorHere:
    vera = visitor_of(acme())
    rows = Visitor.objects.filter(pk=vera.id)
    in_organisation(acme(), lambda _: rows.update(email=email, may_be_asked_at=platform_now() if agrees else None))
    return vera


def asked_ago(vera: VisitorHere, ago: timedelta = timedelta(days=2)) -> UUID:
    """A conversation that ended so long ago, and was asked about then."""

    def make(organisation: OrganisationRef) -> UUID:
        at = platform_now() - ago
        conversation_id = a_conversation(organisation, at, visitor_id=vera.id)
        ask = an_ask(conversation_id, at, QUESTIONS)
        Entry.objects.create(
            conversation_id=conversation_id,
            seq=1,
            kind=Entry.Kind.RATING_REQUESTED,
            sender_kind="automatic",
            payload={"until": ask.open_until.isoformat(), "questions": questions_in("en", QUESTIONS, {})},
            at=at,
        )
        from conversations.models import Conversation

        Conversation.objects.filter(pk=conversation_id).update(last_seq=1)
        return conversation_id

    return in_organisation(acme(), make)


def mails_about(conversation_id: UUID) -> list[OutgoingMail]:
    def read(_organisation: OrganisationRef) -> list[OutgoingMail]:
        ask = Ask.objects.get(conversation_id=conversation_id)
        return list(OutgoingMail.objects.filter(kind="rating_asked", subject_id=ask.pk))

    return in_organisation(acme(), read)


def due() -> int:
    return in_organisation(acme(), mail_due_asks)


def mailed(conversation_id: UUID, post_office: MailServer) -> str:
    """The token in the mail that goes out about this conversation."""
    assert due() == 1
    [mail] = mails_about(conversation_id)
    assert in_organisation(acme(), send_mail, mail.id)
    found = LINK.search(text_of(post_office.mails[-1]))
    assert found is not None, text_of(post_office.mails[-1])
    return found[1]


def ask_door(
    token: str, *commands: dict[str, Any], host: str = "acme.localhost", address: str = "203.0.113.7"
) -> tuple[int, list[dict[str, Any]]]:
    response = client_of(host).post(
        "/api/rating/commands",
        json.dumps({"token": token, "commands": list(commands)}),
        content_type="application/json",
        headers={"x-forwarded-for": address},
    )
    return response.status_code, response.json()["frames"]


def rate(mark: int, **fields: Any) -> dict[str, Any]:
    return {"type": "rating.give", "cid": str(uuid4()), "mark": mark, **fields}


def ask_of(conversation_id: UUID) -> Ask:
    return in_organisation(acme(), lambda _: Ask.objects.get(conversation_id=conversation_id))


def marks_of(conversation_id: UUID) -> list[int]:
    rows = Rating.objects.filter(conversation_id=conversation_id)
    return in_organisation(acme(), lambda _: list(rows.values_list("mark", flat=True)))


def given_ago(conversation_id: UUID, ago: timedelta) -> None:
    """As if the first mark were so old: the door works on connections whose clocks no test moves."""
    rows = Rating.objects.filter(conversation_id=conversation_id)
    in_organisation(acme(), lambda _: rows.update(given_at=platform_now() - ago))


def test_who_agreed_and_did_not_answer_is_mailed_once_and_the_database_keeps_no_token(post_office: MailServer) -> None:
    conversation_id = asked_ago(a_visitor())

    token = mailed(conversation_id, post_office)
    again = due()

    assert (again, len(post_office.mails)) == (0, 1)
    [mail] = post_office.mails
    assert (mail["To"], mail["Subject"]) == ("vera@example.com", "Acme Outdoor: how did we do?")
    assert f"#{token}" in html_of(mail)
    ask = ask_of(conversation_id)
    assert ask.mailed_at is not None
    assert ask.open_until - ask.mailed_at >= timedelta(days=7)
    link = in_organisation(acme(), lambda _: AskLink.objects.get(ask=ask))
    assert token.encode() not in bytes(link.token_hash) + bytes(link.salt)
    assert AuditRecord.objects.filter(action="rating_link.mailed", subject_id=str(ask.pk)).count() == 1


def test_a_mail_that_has_to_be_sent_again_carries_the_same_link(post_office: MailServer) -> None:
    conversation_id = asked_ago(a_visitor())
    assert due() == 1
    [mail] = mails_about(conversation_id)

    post_office.answer = "451 Try later"
    assert not in_organisation(acme(), send_mail, mail.id)
    post_office.answer = "250 Kept"
    assert in_organisation(acme(), send_mail, mail.id)

    links = [LINK.findall(text_of(one)) for one in post_office.mails]
    assert links[0] == links[1] != []
    assert ask_door(links[0][0])[0] == 200


def test_two_rounds_at_the_same_moment_write_one_mail() -> None:
    conversation_id = asked_ago(a_visitor())

    written = in_threads([due] * 4, at_once=4)

    assert sorted(written) == [0, 0, 0, 1]
    assert len(mails_about(conversation_id)) == 1


@pytest.mark.parametrize(
    "why",
    ["too early", "too late", "no consent", "no address", "answered", "declined", "mailed lately", "switched off"],
)
def test_nobody_else_is_mailed(why: str) -> None:
    vera = a_visitor(agrees=why != "no consent", email="" if why == "no address" else "vera@example.com")
    ago = {"too early": timedelta(hours=23), "too late": timedelta(days=4, seconds=1)}.get(why, timedelta(days=2))
    conversation_id = asked_ago(vera, ago)
    person: dict[str, Any] = {"visitor_id": vera.id, "conversation_id": conversation_id, "cid": uuid4()}
    if why == "answered":
        in_organisation(acme(), give_rating, **person, mark=4)
    if why == "declined":
        in_organisation(acme(), answer_question, **person, question="mark", answer=None)
    if why == "mailed lately":
        asked_before = asked_ago(vera, timedelta(days=3))
        rows = Ask.objects.filter(conversation_id=asked_before)
        in_organisation(acme(), lambda _: rows.update(mailed_at=platform_now() - timedelta(days=6)))
    if why == "switched off":
        in_organisation(acme(), lambda _: AskSettings.objects.update(mails=False))

    assert due() == 0
    assert mails_about(conversation_id) == []
    assert ask_of(conversation_id).mailed_at is None


def test_a_mail_is_dropped_when_it_was_answered_meanwhile(post_office: MailServer) -> None:
    vera = a_visitor()
    conversation_id = asked_ago(vera)
    assert due() == 1
    [mail] = mails_about(conversation_id)
    in_organisation(acme(), give_rating, visitor_id=vera.id, conversation_id=conversation_id, cid=uuid4(), mark=9)

    assert in_organisation(acme(), send_mail, mail.id)

    assert post_office.mails == []
    assert mails_about(conversation_id)[0].state == "dropped"


def test_the_link_tells_what_is_asked_and_nothing_of_the_conversation(post_office: MailServer) -> None:
    conversation_id = asked_ago(a_visitor())
    token = mailed(conversation_id, post_office)

    status, [state] = ask_door(token)

    assert status == 200
    assert [one["question"] for one in state["questions"]] == QUESTIONS
    assert (state["mark"], state["comment"], state["answers"], state["mails"]) == (None, "", {}, True)
    assert str(conversation_id) not in json.dumps(state)
    ask = ask_of(conversation_id)
    assert (ask.way, ask.shown_at is not None) == ("mail", True)


def test_the_link_takes_one_rating_with_its_answers_and_then_opens_nothing(post_office: MailServer) -> None:
    conversation_id = asked_ago(a_visitor())
    token = mailed(conversation_id, post_office)
    give = rate(7, comment="Slow, but kind.")
    answer = {"type": "rating.answer", "cid": str(uuid4()), "question": "trust", "answer": 5}

    first = ask_door(token, give, answer)
    again = ask_door(token, give, answer)
    given_ago(conversation_id, timedelta(minutes=14))
    changed = ask_door(token, rate(8))
    given_ago(conversation_id, timedelta(minutes=16))
    late = ask_door(token, rate(1))

    assert [frame["type"] for frame in first[1]] == ["ack", "ack", "rating.state"]
    assert again[1][:2] == first[1][:2]
    assert {frame["conversation"] for frame in first[1][:2]} == {None}
    assert (changed[1][-1]["mark"], changed[1][-1]["comment"]) == (8, "Slow, but kind.")
    assert (late[0], [frame["code"] for frame in late[1]]) == (404, ["not_found"])
    rows = Answer.objects.filter(ask__conversation_id=conversation_id).values_list("question", "value")
    assert in_organisation(acme(), lambda _: list(rows.all())) == [("trust", 5)]
    assert marks_of(conversation_id) == [8]
    assert ask_of(conversation_id).way == "mail"


def test_whatever_is_wrong_with_a_token_it_is_as_if_made_up(post_office: MailServer) -> None:  # rule 17
    conversation_id = asked_ago(a_visitor())
    token = mailed(conversation_id, post_office)

    made_up = ask_door("x" * 43, rate(1))
    cut = ask_door(token[:-1], rate(1))
    elsewhere = ask_door(token, rate(1), host="globex.localhost")
    rows = Ask.objects.filter(conversation_id=conversation_id)
    in_organisation(acme(), lambda _: rows.update(open_until=platform_now()))
    expired = ask_door(token, rate(1))

    assert made_up == cut == elsewhere == expired
    assert (made_up[0], made_up[1][0]["code"]) == (404, "not_found")
    assert marks_of(conversation_id) == []
    assert ask_of(conversation_id).shown_at is None


def test_guesses_are_limited_by_address_and_then_even_a_right_one_waits(post_office: MailServer) -> None:
    conversation_id = asked_ago(a_visitor())
    token = mailed(conversation_id, post_office)

    guesses = [ask_door(f"{number:043d}")[0] for number in range(12)]
    right, [error] = ask_door(token, rate(1))
    elsewhere = ask_door(token, address="203.0.113.8")[0]
    same_network = [ask_door(f"{number:043d}", address=f"2001:db8::{number}")[0] for number in range(12)]

    assert guesses == [404] * 10 + [429] * 2
    assert (right, error["code"], error["retry_after"]) == (429, "rate_limited", 10.0)
    assert elsewhere == 200
    assert same_network == [404] * 10 + [429] * 2
    assert marks_of(conversation_id) == []


def test_the_door_is_for_our_own_page_only(post_office: MailServer) -> None:  # rule 34
    token = mailed(asked_ago(a_visitor()), post_office)
    body = json.dumps({"token": token, "commands": [rate(1)]})

    for origin in ("https://evil.example", "null"):
        answered = client_of("acme.localhost").post(
            "/api/rating/commands", body, content_type="application/json", headers={"origin": origin}
        )
        assert answered.status_code == 404


def test_who_wants_no_more_mails_gets_none(post_office: MailServer) -> None:
    vera = a_visitor()
    token = mailed(asked_ago(vera), post_office)

    _status, [state] = ask_door(token, {"type": "mails.stop"})
    ask_door(token, {"type": "mails.stop"})

    assert state["mails"] is False
    with clock_moved(timedelta(days=9)):
        asked_ago(vera)
        assert due() == 0
    assert AuditRecord.objects.filter(action="rating_mails.stopped", subject_id=str(vera.id)).count() == 1


def test_an_address_is_kept_for_asking_only_where_the_visitor_agreed() -> None:
    def leave(may_ask: bool) -> Visitor:
        person = visitor_of(globex())

        def send(organisation: OrganisationRef) -> Visitor:
            leave_contact_request(
                organisation,
                token=person.token,
                website=website_by_key(organisation, "globex-bank"),
                page=PAGE,
                language="en",
                cid=uuid4(),
                name="",
                email="victor@example.com",
                body="Do you open on Sunday?",
                may_ask=may_ask,
            )
            return Visitor.objects.get(pk=person.id)

        return in_organisation(globex(), send)

    agreed, not_agreed = leave(True), leave(False)

    assert (agreed.email, agreed.may_be_asked_at is not None) == ("victor@example.com", True)
    assert (not_agreed.email, not_agreed.may_be_asked_at) == ("", None)


def test_the_page_is_the_same_shell_for_everybody() -> None:
    here = client_of("acme.localhost")

    page = here.get("/rating/?language=nl")

    assert (page.status_code, page.headers["Content-Language"]) == (200, "nl")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "private, no-store"
    assert not page.cookies
