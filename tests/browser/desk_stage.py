"""The desk in a real browser with a scripted server behind it: for states that a real one reaches only slowly."""

import json
import mimetypes
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from conversations.events import StaffFact
from conversations.texts_desk import TEXTS
from conversations.views.desk_page import content_policy
from tenants.headers import download

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route, WebSocketRoute

ADDRESS = "http://desk.localhost:9"
OLGA = {"id": "0190a1b2-0000-7000-8000-00000000000a", "name": "Olga"}
OMAR = {"id": "0190a1b2-0000-7000-8000-00000000000c", "name": "Omar"}
OPERATOR = {"kind": "operator", **OLGA}
VISITOR = {"kind": "visitor", "id": "0190a1b2-0000-7000-8000-00000000000b", "name": ""}
SYSTEM = {"kind": "system", "id": None, "name": ""}
ACME = {
    "slug": "acme",
    "name": "Acme Outdoor",
    "colour": "#1f6f54",
    "languages": ["en", "nl"],
    "first_reply_seconds": 20,
    "follow_up_seconds": 30,
    "warn_percent": 60,
    "reoffer_seconds": 15,
    "topics": [{"slug": "delivery", "label": "Delivery"}],
    "card": None,
}
GLOBEX = {**ACME, "slug": "globex", "name": "Globex Bank", "colour": "#2f5bd8", "topics": []}

STAFF_ONLY = {cls.__struct_config__.tag for cls in StaffFact.__args__}


def stamp(offset_seconds: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=offset_seconds)).isoformat().replace("+00:00", "Z")


def promise(kind: str, opened_seconds_ago: float, seconds: float) -> dict[str, Any]:
    opened = -opened_seconds_ago
    return {
        "kind": kind,
        "opened_at": stamp(opened),
        "warn_at": stamp(opened + 0.6 * seconds),
        "due_at": stamp(opened + seconds),
    }


@dataclass
class Talk:
    """One conversation as the scripted server holds it."""

    organisation: str = "acme"
    state: str = "assigned"
    operator: str | None = OLGA["id"]
    promise: dict[str, Any] | None = None
    paused: str | None = None
    visitor_name: str = ""
    page: dict[str, str] = field(default_factory=lambda: {"url": "https://shop.example/", "title": "", "referrer": ""})
    id: str = field(default_factory=lambda: str(uuid4()))
    facts: list[dict[str, Any]] = field(default_factory=list)
    desk_facts: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: str, sender: dict[str, Any], /, **fields: Any) -> dict[str, Any]:
        """A fact that happens now. It is only told when the stage tells it."""
        fact = {"type": kind, "conversation": self.id, "id": str(uuid4()), "at": stamp(), "sender": sender, **fields}
        facts, number = (self.desk_facts, "desk_seq") if kind in STAFF_ONLY else (self.facts, "seq")
        facts.append({**fact, number: len(facts) + 1})
        return facts[-1]

    def say(self, body: str, sender: dict[str, Any] = VISITOR, cid: str | None = None) -> dict[str, Any]:
        return self.add("message.sent", sender, cid=cid or str(uuid4()), body=body, attachments=[])

    @property
    def row(self) -> dict[str, Any]:
        return {
            "conversation": self.id,
            "organisation": self.organisation,
            "state": self.state,
            "operator": self.operator,
            "language": "en",
            "topic": None,
            "website": "shop",
            "last_seq": len(self.facts),
            "last_desk_seq": len(self.desk_facts),
            "opened_at": self.facts[0]["at"] if self.facts else stamp(),
            "promise": self.promise,
            "paused": self.paused,
        }

    @property
    def details(self) -> dict[str, Any]:
        return {
            "type": "conversation",
            "conversation": self.id,
            "organisation": self.organisation,
            "state": self.state,
            "operator": None,
            "visitor": {"id": VISITOR["id"], "name": self.visitor_name, "email": ""},
            "website": "shop",
            "page": self.page,
            "language": "en",
            "topic": None,
            "purpose": "",
            "opened_at": self.row["opened_at"],
            "closed_at": None,
            "previous": None,
            "last_seq": len(self.facts),
            "last_desk_seq": len(self.desk_facts),
        }

    def entries(self, since: int, desk_since: int) -> dict[str, Any]:
        return {
            "type": "entries",
            "conversation": self.id,
            "since": since,
            "entries": self.facts[since:],
            "last_seq": len(self.facts),
            "complete": True,
            "desk_since": desk_since,
            "desk_entries": self.desk_facts[desk_since:],
            "last_desk_seq": len(self.desk_facts),
        }


def card(organisation: str = "acme", version: int = 1, confirmed: int | None = None, **more: Any) -> dict[str, Any]:
    """A client's card as the server tells it."""
    text = {"tone": "First names.", "dos": "Name the delivery day.\nSmile.", "donts": "", "specialists": "Stan: tents"}
    whose = {"organisation": organisation, "version": version, "confirmed": confirmed}
    return {**whose, "published_at": stamp(-3600), "text": text, "before": None, **more}


def place_and_version(command: dict[str, Any]) -> dict[str, Any]:
    return {"organisation": command["organisation"], "version": command["version"]}


@dataclass
class Stage:
    """Serves the desk's page and files, and plays the server. Everything that arrived is in ``heard``; ``files`` are
    handed out, by the last part of their addresses."""

    talks: list[Talk] = field(default_factory=list)
    presence: str = "available"
    gone_since: str | None = None
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    uploaded: list[dict[str, Any]] = field(default_factory=list)
    sockets: "list[WebSocketRoute]" = field(default_factory=list)
    supervises: bool = False
    alerts: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)

    def open(self, page: "Page") -> "Page":
        page.context.route(f"{ADDRESS}/**", self._serve)
        page.context.route_web_socket("ws://desk.localhost:9/socket/desk/", self._connect)
        page.goto(f"{ADDRESS}/")
        page.get_by_text("Connected", exact=True).wait_for()
        return page

    def _serve(self, route: "Route") -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = settings.BASE_DIR / path.lstrip("/")
            kind = mimetypes.guess_type(file.name)[0] or "text/plain"
            route.fulfill(body=file.read_bytes(), content_type=kind)
        elif path == "/":
            with translation.override("en"):
                body = render_to_string("desk/desk.html", {"config": self.config(), "nonce": "nonce"})
            policy = content_policy("ws://desk.localhost:9", "nonce")
            route.fulfill(
                body=body, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy}
            )
        elif path.endswith("/attachments") and route.request.method == "POST":
            picture = {"name": "seam.png", "content_type": "image/png", "size": 120, "width": 40, "height": 30}
            self.uploaded.append({"id": str(uuid4()), **picture})
            route.fulfill(status=201, json=self.uploaded[-1])
        elif (handed := self.files.get(path.split("/")[-1])) is not None:
            answer = download(handed, mimetypes.guess_type(handed.name)[0] or "", handed.name)
            route.fulfill(body=answer.content, headers=dict(answer.headers.items()))
        else:
            route.fulfill(status=404)

    def config(self) -> dict[str, Any]:
        return {
            "protocol": 1,
            "socket_path": "/socket/desk/",
            "api_path": "/api/desk/commands",
            "login_path": "/login/",
            "logout_path": "/logout/",
            "language_path": "/language/",
            "csrf_token": "token",
            "language": "en",
            "locale": "en-GB",
            "languages": [{"code": "en", "name": "English"}],
            "mark": "/static/desk/mark.svg",
            "grace_seconds": 45,
            "operator": OLGA,
            "wallboard_path": "/wallboard/" if self.supervises else None,
            "follow_ups_path": "/follow-ups/" if self.supervises else None,
            "reviews_path": "/reviews/" if self.supervises else None,
            "coaching_path": "/coaching/",
            "texts": {key: str(text) for key, text in TEXTS.items()},
        }

    def _connect(self, socket: "WebSocketRoute") -> None:
        self.sockets.append(socket)

        def on_message(text: str | bytes) -> None:
            command = json.loads(text)
            for reply in self.answer(command):
                socket.send(json.dumps(reply))

        socket.on_message(on_message)

    def answer(self, command: dict[str, Any]) -> list[dict[str, Any]]:
        """What a server would say; a command type in ``refusals`` is refused with that code."""
        self.heard.append(command)
        kind = command["type"]
        if kind == "hello":
            return [self.welcome()]
        if kind == "inbox.fetch":
            return [{"type": "inbox", "now": stamp(), "inbox": [talk.row for talk in self.talks]}]
        if kind == "presence.set":
            self.presence = command["state"]
            return [{"type": "presence.changed", "operator": OLGA["id"], "presence": self.chosen(command)}]
        if kind == "card.fetch":
            return [{"type": "card", **self.cards[command["organisation"]]}]
        if kind == "card.confirm":
            return [{"type": "card.confirmed", "operator": OLGA["id"], **place_and_version(command)}]
        talk = next((talk for talk in self.talks if talk.id == command.get("conversation")), None)
        if talk is None:
            return []
        if kind == "entries.fetch":
            return [talk.entries(command["since"], command["desk_since"])]
        if kind == "conversation.fetch":
            return [talk.details]
        if "cid" not in command:
            return []
        if kind in self.refusals:
            refusal = {"type": "error", "code": self.refusals[kind], "message": "This conversation is no longer yours."}
            return [{**refusal, "cid": command["cid"], "retry": False, "retry_after": None}]
        return self._carry_out(talk, command)

    def _carry_out(self, talk: Talk, command: dict[str, Any]) -> list[dict[str, Any]]:
        kind = command["type"]
        changed: list[dict[str, Any]] = []
        if kind == "message.send":
            named = [attachment for attachment in self.uploaded if attachment["id"] in command["attachments"]]
            words = {"cid": command["cid"], "body": command["body"], "attachments": named}
            fact = talk.add("message.sent", OPERATOR, **words)
        elif kind == "message.edit":
            fact = talk.add("message.edited", OPERATOR, target=command["target"], body=command["body"])
        elif kind == "message.delete":
            fact = talk.add("message.deleted", OPERATOR, target=command["target"])
        elif kind == "note.add":
            fact = talk.add("note.added", OPERATOR, cid=command["cid"], body=command["body"])
        elif kind == "conversation.take":
            talk.state, talk.operator = "assigned", OLGA["id"]
            fact = talk.add("conversation.assigned", SYSTEM, operator=OLGA)
            changed = [{"type": "inbox.changed", "entry": talk.row}]
        elif kind == "ending.correct":
            noted = {name: command[name] for name in ("lead", "mood_start", "mood_end")}
            fact = talk.add("ending.recorded", OPERATOR, **noted)
        else:
            assert kind == "conversation.close", kind
            talk.state = "closed"
            fact = talk.add("conversation.closed", OPERATOR, by="operator")
            changed = [{"type": "inbox.changed", "entry": talk.row}]
        numbers = {"seq": fact.get("seq"), "desk_seq": fact.get("desk_seq")}
        shared = {"conversation": talk.id, "id": fact["id"], "at": fact["at"], **numbers}
        return [{"type": "ack", "cid": command["cid"], **shared}, fact, *changed]

    def chosen(self, command: dict[str, Any]) -> dict[str, Any]:
        minutes = command.get("minutes")
        until = stamp(60 * minutes) if minutes else None
        return {"state": self.presence, "reason": command.get("reason", ""), "until": until, "since": stamp()}

    def standing(self, organisation: str) -> dict[str, Any] | None:
        card = self.cards.get(organisation)
        return {"version": card["version"], "confirmed": card["confirmed"]} if card else None

    def welcome(self) -> dict[str, Any]:
        return {
            "type": "welcome",
            "now": stamp(),
            "supervises": self.supervises,
            "operator": {**OLGA, "capacity": 4, "presence": self.chosen({}), "gone_since": self.gone_since},
            "organisations": [
                {**one, "card": self.standing(str(one["slug"])), "answers": True} for one in (ACME, GLOBEX)
            ],
            "inbox": [talk.row for talk in self.talks],
            "alerts": self.alerts,
        }

    def heartbeat(self) -> dict[str, Any]:
        tops = {talk.id: [len(talk.facts), len(talk.desk_facts)] for talk in self.talks if talk.state != "closed"}
        return {"type": "heartbeat", "now": stamp(), "tops": tops, "alerts": self.alerts}

    def tell(self, *frames: dict[str, Any]) -> None:
        for frame in frames:
            self.sockets[-1].send(json.dumps(frame))

    def commands(self, kind: str) -> list[dict[str, Any]]:
        return [command for command in self.heard if command["type"] == kind]
