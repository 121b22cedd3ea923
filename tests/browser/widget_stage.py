"""The widget in a real browser with a scripted server behind it: for states that a real one reaches only slowly."""

import base64
import json
import mimetypes
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from conversations.texts_widget import WIDGET_TEXTS
from conversations.views.widget_page import content_policy

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, FrameLocator, Page, Request, Route, WebSocketRoute

HOST = "http://acme.localhost:9"
SITE = "http://acme-shop.localhost:9"
CONVERSATION = "0190a1b2-0000-7000-8000-000000000001"
OLGA = {"id": "0190a1b2-0000-7000-8000-00000000000a", "name": "Olga de Wit"}
VISITOR = {"kind": "visitor", "id": "0190a1b2-0000-7000-8000-00000000000b", "name": ""}
AUTOMATIC = {"kind": "automatic", "id": None, "name": "Acme Outdoor"}
SYSTEM = {"kind": "system", "id": None, "name": ""}
OPEN = {"open": True, "until": None, "next_opening": None, "time_zone": "Europe/Amsterdam", "label": ""}
HOST_PAGE = """<!doctype html><html lang="{language}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tents</title><body><h1>Tents</h1><a href="/other">Other</a>
<script async src="{host}/widget/loader.js" data-website="acme-shop"></script></body></html>"""


MODULES_PAGE = """<!doctype html><title>Modules</title><script type="importmap">{"imports": {
"preact": "/static/vendor/preact.module.js", "preact/hooks": "/static/vendor/preact-hooks.module.js",
"htm": "/static/vendor/htm.module.js"}}</script>"""


IMAGE: dict[str, Any] = {
    "id": "0190a1b2-0000-7000-8000-0000000000f1",
    "name": "tent.png",
    "content_type": "image/png",
    "size": 70,
}
IMAGE |= {"width": 40, "height": 30}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def stamp() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


@dataclass
class Stage:
    """Serves a host page, the frame and its files, and plays the server. Everything that arrived is in ``heard``."""

    opening: dict[str, Any] = field(default_factory=lambda: dict(OPEN))
    topics: list[dict[str, str]] = field(default_factory=list)
    colour: str = "#1f6f54"
    language: str = "en"
    sockets_work: bool = True
    answers: bool = True
    queue: dict[str, Any] | None = None
    help: list[dict[str, str]] = field(default_factory=list)
    is_sure: bool = False
    asks_by_mail: bool = False
    facts: list[dict[str, Any]] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    uploads: "list[Request]" = field(default_factory=list)
    sockets: "list[WebSocketRoute]" = field(default_factory=list)

    def enter(self, context: "BrowserContext") -> None:
        context.route(f"{HOST}/**", self._serve)
        context.route(f"{SITE}/**", self._serve)
        context.route_web_socket("ws://acme.localhost:9/socket/widget/", self._connect)

    def open_site(self, page: "Page") -> "FrameLocator":
        page.goto(f"{SITE}/tents")
        return page.frame_locator("iframe[data-widget-frame]")

    def config(self) -> dict[str, Any]:
        return {
            "organisation": {
                "name": "Acme Outdoor",
                "colour": self.colour,
                "greeting": "Welcome to Acme Outdoor! Ask us anything about tents, packs or your order.",
            },
            "website": {"key": "acme-shop", "origins": [SITE]},
            "language": self.language,
            "languages": ["en", "nl", "ja"],
            "topics": self.topics,
            "first_reply_seconds": 20,
            "follow_up_seconds": 30,
            "opening": self.opening,
            "closing_notice_minutes": 15,
            "has_help": bool(self.help),
            "asks_by_mail": self.asks_by_mail,
            "socket_path": "/socket/widget/",
            "api_path": "/api/widget/commands",
            "upload_path": "/api/widget/attachments",
            "limits": {"body_characters": 4000, "attachments": 5, "upload_bytes": 8 * 1024 * 1024},
            "texts": {key: str(text) for key, text in WIDGET_TEXTS.items()},
        }

    def _serve(self, route: "Route") -> None:
        url = urlsplit(route.request.url)
        if url.path.startswith("/static/"):
            path = settings.BASE_DIR / url.path.lstrip("/")
            kind = mimetypes.guess_type(path.name)[0] or "text/plain"
            route.fulfill(body=path.read_bytes(), content_type=kind)
        elif url.path == "/widget/loader.js":
            path = settings.BASE_DIR / "static" / "widget" / "loader.js"
            route.fulfill(body=path.read_bytes(), content_type="text/javascript")
        elif url.path == "/widget/":
            with translation.override(self.language):
                context = {
                    "config": self.config(),
                    "nonce": "nonce",
                    "language": self.language,
                    "organisation": {"name": "Acme Outdoor"},
                }
                markup = render_to_string("widget/frame.html", context)
            policy = content_policy((SITE,), "nonce", "acme.localhost:9")
            route.fulfill(
                body=markup, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy}
            )
        elif url.path.startswith("/api/widget/attachments"):
            self._serve_image(route)
        elif url.path == "/modules":
            route.fulfill(body=MODULES_PAGE, content_type="text/html; charset=utf-8")
        elif url.path == "/api/widget/commands":
            request = json.loads(route.request.post_data or "")
            self.carried.append("http")
            frames = [reply for command in (request["hello"], *request["commands"]) for reply in self.answer(command)]
            route.fulfill(json={"frames": frames})
        else:
            body = HOST_PAGE.format(host=HOST, language=self.language)
            route.fulfill(body=body, content_type="text/html; charset=utf-8")

    def _serve_image(self, route: "Route") -> None:
        self.uploads.append(route.request)
        if route.request.headers.get("authorization") != "Bearer v1.token":
            route.fulfill(status=404, json={"code": "not_found", "message": "Not found."})
        elif route.request.method == "POST":
            route.fulfill(status=201, json=IMAGE)
        else:
            route.fulfill(body=PIXEL, content_type="image/png")

    def _connect(self, socket: "WebSocketRoute") -> None:
        if not self.sockets_work:
            socket.close(code=1011)
            return
        self.sockets.append(socket)

        def on_message(text: str | bytes) -> None:
            command = json.loads(text)
            if command["type"] != "heartbeat":
                self.carried.append("socket")
            for reply in self.answer(command):
                socket.send(json.dumps(reply))

        socket.on_message(on_message)

    def answer(self, command: dict[str, Any]) -> list[dict[str, Any]]:
        """What a server with one conversation would say. With ``answers`` off, messages get no reply at all."""
        self.heard.append(command)
        kind = command["type"]
        if kind == "hello":
            return [self.welcome(), *([self.entries(command["since"])] if self.facts else [])]
        if kind == "entries.fetch":
            return [self.entries(command["since"])]
        if kind == "opening.fetch":
            return [{"type": "opening", "opening": self.opening}]
        if kind == "help.search":
            words = set(command["text"].lower().split())
            found = [one for one in self.help if words & set(one["title"].lower().split())]
            return [{"type": "help", "text": command["text"], "articles": found, "is_sure": self.is_sure}]
        if "cid" not in command or not self.answers:
            return []
        if kind in ("contact.send", "help.rate"):
            return [self.ack(command, None)]
        known = next((fact for fact in self.facts if fact.get("cid") == command["cid"]), None)
        if known is None:
            known = self._fact_of(command)
            self.facts.append(known)
        return [self.ack(command, known), known]

    def _fact_of(self, command: dict[str, Any]) -> dict[str, Any]:
        kinds: dict[str, dict[str, Any]] = {
            "message.send": {"type": "message.sent", "body": command.get("body"), "attachments": self._images(command)},
            "rating.give": {"type": "rating.given", "mark": command.get("mark"), "comment": self._comment(command)},
            "rating.answer": {
                "type": "rating.answered",
                "question": command.get("question"),
                "answer": command.get("answer"),
            },
            "topic.choose": {"type": "topic.chosen", "topic": command.get("topic"), "label": "Delivery"},
            "conversation.leave": {"type": "conversation.closed", "by": "visitor"},
        }
        return self.fact(sender=VISITOR, cid=command["cid"], **kinds[command["type"]])

    def _comment(self, command: dict[str, Any]) -> str:
        """Without one in the command, the one that was given before."""
        if command.get("comment") is not None:
            return str(command["comment"])
        return next((fact["comment"] for fact in reversed(self.facts) if fact["type"] == "rating.given"), "")

    def _images(self, command: dict[str, Any]) -> list[dict[str, Any]]:
        return [{**IMAGE, "id": identity} for identity in command.get("attachments", [])]

    def fact(self, *, sender: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """The next fact of the conversation; not yet part of it."""
        seq = len(self.facts) + 1
        identity = f"0190a1b2-0000-7000-8000-00000000{seq:04x}"
        return {"conversation": CONVERSATION, "seq": seq, "id": identity, "at": stamp(), "sender": sender, **fields}

    def add(self, kind: str, sender: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A fact that happens now; :meth:`tell` announces it."""
        fact = self.fact(sender=sender, type=kind, **fields)
        self.facts.append(fact)
        return fact

    def say(self, body: str, sender: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        sender = sender or {"kind": "operator", **OLGA}
        return self.add("message.sent", sender, body=body, cid=None, **{"attachments": [], **fields})

    def tell(self, *frames: dict[str, Any]) -> None:
        """To every open page of the visitor."""
        for frame in frames:
            for socket in self.sockets:
                socket.send(json.dumps(frame))

    def hang_up(self, code: int) -> None:
        for socket in self.sockets:
            socket.close(code=code)
        self.sockets.clear()

    def heartbeat(self) -> dict[str, Any]:
        conversation = CONVERSATION if self.facts else None
        top = {"conversation": conversation, "last_seq": len(self.facts)}
        return {
            "type": "heartbeat",
            "now": stamp(),
            "open": self.opening["open"],
            "until": self.opening["until"],
            "queue": self.queue,
            **top,
        }

    def welcome(self) -> dict[str, Any]:
        conversation = {
            "id": CONVERSATION,
            "state": "waiting",
            "operator": None,
            "topic": None,
            "language": self.language,
            "last_seq": len(self.facts),
            "can_reopen": True,
            "rating": None,
        }
        return {
            "type": "welcome",
            "now": stamp(),
            "token": "v1.token",
            "opening": self.opening,
            "conversation": conversation if self.facts else None,
            "queue": self.queue,
        }

    def entries(self, since: int) -> dict[str, Any]:
        top = len(self.facts)
        return {
            "type": "entries",
            "conversation": CONVERSATION,
            "since": since,
            "entries": self.facts[since:],
            "last_seq": top,
            "complete": True,
            "desk_since": None,
            "desk_entries": [],
            "last_desk_seq": None,
        }

    def ack(self, command: dict[str, Any], fact: dict[str, Any] | None) -> dict[str, Any]:
        conversation, identity, seq = (CONVERSATION, fact["id"], fact["seq"]) if fact else (None, None, None)
        shared = {"conversation": conversation, "id": identity, "seq": seq, "desk_seq": None, "at": stamp()}
        return {"type": "ack", "cid": command["cid"], **shared}

    def commands(self, kind: str) -> list[dict[str, Any]]:
        return [command for command in self.heard if command["type"] == kind]
