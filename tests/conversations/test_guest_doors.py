"""The guest page's doors: a link opens once, in one browser; whatever is wrong with one looks like no link at all."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from conversations.commands import sessions
from conversations.guest_tokens import link_token
from conversations.models import EscalationStep, Specialist
from conversations.services.escalating import withdraw_escalation
from conversations.services.writing import add_note
from tenants.clock import platform_now
from tenants.context import in_organisation
from tests.cast import Answer, acme, client_of, globex
from tests.conversations.escalation_scene import Held, escalate, held_question, mails, moves, steps_of, visible
from tests.conversations.scene import dismiss_operators, everything_about, hire_operator

OPEN, NEW_LINK, COMMANDS = "/api/guest/open", "/api/guest/new-link", "/api/guest/commands"
HOST = "globex.localhost"


@pytest.fixture
def held(specialists: list[Specialist]) -> Iterator[Held]:
    """By the real time: requests are served by other threads, whose clocks nobody moves."""
    operator = hire_operator(globex())
    yield held_question(operator)
    dismiss_operators([operator.id])


@pytest.fixture
def step(held: Held) -> EscalationStep:
    """Greta was asked."""
    escalate(held)
    return steps_of(held[0])[0]


def post(path: str, body: object, *, host: str = HOST, client: Client | None = None, **headers: str) -> Answer:
    return (client or client_of(host)).post(path, json.dumps(body), content_type="application/json", headers=headers)


def token_of(step: EscalationStep) -> str:
    return link_token(globex().schema_name, step.id, step.link_number)


def opened(step: EscalationStep) -> str:
    """The secret of the browser that opened this step's link."""
    answer = post(OPEN, {"token": token_of(step)})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["frames"][0]["secret"])


def say(secret: str, *commands: dict[str, Any], since: int = 0) -> list[dict[str, Any]]:
    answer = post(COMMANDS, {"since": since, "commands": commands}, authorization=f"Bearer {secret}")
    assert answer.status_code == 200, answer.content
    frames: list[dict[str, Any]] = answer.json()["frames"]
    return frames


def change(step: EscalationStep, **values: object) -> None:
    in_organisation(globex(), lambda _: EscalationStep.objects.filter(pk=step.id).update(**values))


def fresh(step: EscalationStep) -> EscalationStep:
    return in_organisation(globex(), lambda _: EscalationStep.objects.get(pk=step.id))


def everything(held: Held) -> tuple[object, ...]:
    """All that a refusal must not change."""
    rows = in_organisation(globex(), lambda _: list(EscalationStep.objects.order_by("id").values()))
    return everything_about(globex(), held[0].id), rows, len(mails())


def test_a_link_opens_once_and_shows_that_one_conversation(held: Held, step: EscalationStep) -> None:
    other = held_question(held[1], "A secret of somebody else")
    in_organisation(globex(), add_note, held[1], held[0].id, uuid4(), "Between us")

    answer = post(OPEN, {"token": token_of(step)})

    hello, question, entries = answer.json()["frames"]
    assert (hello["type"], question["type"], entries["type"]) == ("guest.opened", "question", "entries")
    assert (question["conversation"], question["state"]) == (str(held[0].id), "asked")
    assert (question["reason"], question["summary"]) == ("A card for a child", "Son, 12.")
    assert [one["type"] for one in entries["entries"]] == visible(held[0])
    text = answer.content.decode()
    assert "How do I get a card for my son?" in text
    assert "Between us" not in text
    assert "A secret of somebody else" not in text
    assert str(other[0].id) not in text
    assert len(hello["secret"]) >= 43
    assert bytes(fresh(step).guest_hash or b"") != hello["secret"].encode()
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.cookies == {}


# What may be wrong with a link; each makes it so and returns the token to try.
def _spent(step: EscalationStep, _held: Held) -> str:
    opened(step)
    return token_of(step)


def _expired(step: EscalationStep, _held: Held) -> str:
    change(step, link_expires_at=platform_now() - timedelta(seconds=1))
    return token_of(step)


def _replaced(step: EscalationStep, _held: Held) -> str:
    change(step, link_number=2)
    return token_of(step)


def _over(step: EscalationStep, held: Held) -> str:
    in_organisation(globex(), withdraw_escalation, held[1], held[0].id, step.escalation_id)
    return token_of(step)


def _foreign(step: EscalationStep, _held: Held) -> str:
    return link_token(acme().schema_name, step.id, step.link_number)


def _of_a_step_that_never_was(_step: EscalationStep, _held: Held) -> str:
    return link_token(globex().schema_name, uuid4(), 1)


def _with_another_number(step: EscalationStep, _held: Held) -> str:
    head, _, tail = token_of(step).partition(".1.")
    return f"{head}.2.{tail}"


def _of_another_step(step: EscalationStep, _held: Held) -> str:
    return uuid4().hex + token_of(step)[32:]


def _cut(step: EscalationStep, _held: Held) -> str:
    return token_of(step)[:-1]


def _empty(_step: EscalationStep, _held: Held) -> str:
    return ""


WRONG: list[Callable[[EscalationStep, Held], str]] = [
    _spent, _expired, _replaced, _over, _foreign, _of_a_step_that_never_was, _with_another_number, _of_another_step,
    _cut, _empty,
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=lambda one: one.__name__.strip("_"))
def test_a_wrong_link_looks_like_none(
    held: Held, step: EscalationStep, wrong: Callable[[EscalationStep, Held], str]
) -> None:  # rules 17, 36
    nothing = post(OPEN, {"token": "made.up"})
    token = wrong(step, held)
    before = everything(held)

    answer = post(OPEN, {"token": token})

    assert (answer.status_code, answer.content) == (nothing.status_code, nothing.content)
    assert answer.status_code == 404
    assert [frame["code"] for frame in answer.json()["frames"]] == ["not_found"]
    assert everything(held) == before


def test_a_link_of_one_client_opens_nothing_at_another(held: Held, step: EscalationStep) -> None:  # rule 17
    nothing = post(OPEN, {"token": "made.up"}, host="acme.localhost")

    assert post(OPEN, {"token": token_of(step)}, host="acme.localhost").content == nothing.content
    secret = opened(step)
    there = post(COMMANDS, {}, host="acme.localhost", authorization=f"Bearer {secret}")
    assert (there.status_code, there.content) == (404, nothing.content)
    assert client_of("desk.localhost").post(OPEN, "{}", content_type="application/json").status_code == 404


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": ""}, {"authorization": "Bearer "}, {"authorization": "Bearer made-up"},
                {"authorization": "Basic made-up"}, {"cookie": "session=made-up"}]
)  # fmt: skip
def test_without_the_secret_there_is_nothing(held: Held, step: EscalationStep, headers: dict[str, Any]) -> None:
    # rules 17, 36
    opened(step)
    before = everything(held)

    answer = post(COMMANDS, {"commands": [{"type": "question.decline", "note": ""}]}, **headers)

    assert answer.status_code == 404
    assert answer.content == post(OPEN, {"token": "made.up"}).content
    assert everything(held) == before


def test_another_page_may_not_speak_for_the_guest(held: Held, step: EscalationStep) -> None:
    before = everything(held)
    stranger = Client(headers={"host": f"{HOST}", "origin": "https://evil.example"})

    assert post(OPEN, {"token": token_of(step)}, client=stranger).status_code == 404
    assert client_of(HOST).get(OPEN).status_code == 405
    assert everything(held) == before


def test_the_token_alone_does_nothing_but_open(held: Held, step: EscalationStep) -> None:
    before = everything(held)

    answer = post(COMMANDS, {"commands": [{"type": "question.accept"}]}, authorization=f"Bearer {token_of(step)}")

    assert answer.status_code == 404
    assert everything(held) == before


def test_a_specialist_accepts_answers_and_finishes(held: Held, step: EscalationStep) -> None:
    secret, cid = opened(step), str(uuid4())

    [accepted, _] = say(secret, {"type": "question.accept"})
    [early, *_] = say(secret, {"type": "question.finish"})
    message = {"type": "message.send", "cid": cid, "body": "From 12 on."}
    [ack, answered, new] = say(secret, message, since=accepted["last_seq"])
    [again, _, _] = say(secret, message)
    [over] = say(secret, {"type": "question.finish"})

    assert (accepted["state"], early["code"], answered["state"]) == ("accepted", "invalid", "answered")
    assert (ack["type"], ack["cid"], ack["seq"]) == ("ack", cid, accepted["last_seq"] + 1)
    assert again == ack
    assert [(one["type"], one["body"], one["sender"]["kind"]) for one in new["entries"]] == [
        ("message.sent", "From 12 on.", "specialist")
    ]
    assert (over["state"], over["outcome"], over["reason"], over["summary"]) == ("over", "answered", "", "")
    assert post(COMMANDS, {}, authorization=f"Bearer {secret}").status_code == 404
    assert visible(held[0])[-2:] == ["specialist.accepted", "message.sent"]
    assert moves(held[0])[-1] == ("answered", "Greta")


def test_declining_ends_it_for_this_browser_and_asks_the_next(held: Held, step: EscalationStep) -> None:
    secret = opened(step)

    [over] = say(secret, {"type": "question.decline", "note": "On holiday"}, {"type": "question.accept"})[-1:]

    assert (over["state"], over["outcome"]) == ("over", "declined")
    assert [one.specialist_name for one in steps_of(held[0])] == ["Greta", "Gus"]
    assert visible(held[0]).count("specialist.accepted") == 0


def test_a_promised_call_back_needs_a_time_with_its_zone(held: Held, step: EscalationStep) -> None:
    secret = opened(step)
    by = platform_now() + timedelta(hours=3)

    for wrong in (by.replace(tzinfo=None).isoformat(), "soon", (by - timedelta(days=1)).isoformat()):
        assert say(secret, {"type": "callback.promise", "by": wrong})[0]["code"] == "invalid"
    [over] = say(secret, {"type": "callback.promise", "by": by.isoformat()})

    assert (over["state"], over["outcome"]) == ("over", "call_back")
    assert visible(held[0])[-1] == "callback.promised"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"since": -1}', b'{"surprise": 1}', b'{"commands": 1}', b"\xff", b"[" * 5000]
)
def test_what_is_no_envelope_is_refused(held: Held, step: EscalationStep, body: bytes) -> None:  # rule 28
    secret = opened(step)
    before = everything(held)

    answer = client_of(HOST).post(
        COMMANDS, body, content_type="application/json", headers={"authorization": f"Bearer {secret}"}
    )

    assert (answer.status_code, answer.json()["frames"][0]["code"]) == (400, "invalid")
    assert everything(held) == before


def test_a_flood_is_slowed_down(held: Held, step: EscalationStep, monkeypatch: pytest.MonkeyPatch) -> None:  # rule 30
    monkeypatch.setattr(sessions, "MESSAGES_PER_SECOND", 0.001)  # however slow this machine is
    secret = opened(step)

    def sent() -> list[str]:
        messages = [{"type": "message.send", "cid": str(uuid4()), "body": "Well"} for _ in range(10)]
        answer = post(COMMANDS, {"commands": messages}, authorization=f"Bearer {secret}")
        return [frame.get("code", frame["type"]) for frame in answer.json()["frames"]]

    kinds = [kind for _ in range(4) for kind in sent()]

    assert kinds.count("ack") == sessions.MESSAGES_AT_ONCE - 3  # each request is counted as well
    assert kinds[-1] == "rate_limited"
    assert visible(held[0]).count("message.sent") == 1 + kinds.count("ack")


def test_a_link_may_be_tried_so_often_and_a_made_up_one_costs_nothing(
    step: EscalationStep, monkeypatch: pytest.MonkeyPatch
) -> None:  # rule 30
    monkeypatch.setattr(sessions, "MESSAGES_PER_SECOND", 0.001)
    monkeypatch.setattr(sessions, "MESSAGES_AT_ONCE", 3)

    ours = [post(OPEN, {"token": token_of(step)}).status_code for _ in range(5)]
    made_up = [post(OPEN, {"token": "made.up"}).status_code for _ in range(5)]

    assert ours == [200, 404, 404, 429, 429]
    assert made_up == [404] * 5


def test_a_new_link_replaces_the_old_one_and_its_browser(held: Held, step: EscalationStep) -> None:
    secret = opened(step)
    change(step, asked_at=step.asked_at - timedelta(minutes=2))

    answer = post(NEW_LINK, {"token": token_of(step)})

    assert answer.json()["frames"] == [{"type": "link.requested"}]
    assert post(COMMANDS, {}, authorization=f"Bearer {secret}").status_code == 404
    assert post(OPEN, {"token": token_of(step)}).status_code == 404
    renewed = fresh(step)
    [mail] = [one for one in mails() if one.kind == "new_link" and one.subject_id == step.id]
    assert (renewed.link_number, mail.number, mail.recipient) == (2, 2, "greta@globex.example")
    assert say(opened(renewed))[0]["state"] == "asked"


@pytest.mark.parametrize("why", ["made up", "foreign", "over", "just asked", "just renewed", "too often"])
def test_asking_for_a_link_tells_nothing(held: Held, step: EscalationStep, why: str) -> None:  # rules 17, 36
    expected = post(NEW_LINK, {"token": "made.up"})
    token = token_of(step)
    if why != "just asked":
        change(step, asked_at=step.asked_at - timedelta(minutes=2))
    if why == "made up":
        token = token[:-2] + "xx"
    elif why == "foreign":
        token = link_token(acme().schema_name, step.id, 1)
    elif why == "over":
        in_organisation(globex(), withdraw_escalation, held[1], held[0].id, step.escalation_id)
    elif why == "just renewed":
        post(NEW_LINK, {"token": token})
    elif why == "too often":
        change(step, link_number=6)
        token = link_token(globex().schema_name, step.id, 6)
    before = everything(held)

    answer = post(NEW_LINK, {"token": token})

    assert (answer.status_code, answer.content) == (expected.status_code, expected.content)
    assert answer.status_code == 200
    assert everything(held) == before


def test_the_page_is_the_same_for_everybody_and_leaks_nothing(step: EscalationStep) -> None:  # rules 35, 36, 42
    answer = client_of(HOST).get("/specialist/")

    assert answer.status_code == 200
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "private, no-store"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in answer["Content-Security-Policy"]
    assert answer.cookies == {}
