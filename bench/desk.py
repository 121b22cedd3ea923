"""The measuring organisations' operators and visitors, over the cheap sockets."""

import json
from typing import Any

from bench.load import hear_the_rest
from bench.websocket import Socket, Sockets
from chatplatform.replay.platform import Login, Platform, log_in
from chatplatform.replay.setup import Ground

WELCOME_SECONDS = 20.0


class MeasuringDesk:
    """``assigned`` maps each offered conversation to the socket of the operator who holds it."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._logins: list[Login] = []
        self.sockets: list[Socket] = []
        self.assigned: dict[str, Socket] = {}
        self.organisation_of: dict[str, str] = {}
        self._me: dict[Socket, str] = {}
        self._waiting_for_welcome: set[Socket] = set()
        self.acked: set[str] = set()

    def open(self, port: int, sockets: Sockets, operators: int | None = None) -> None:
        """Logs the operators in, the first time, and opens their desks."""
        if not self._logins:
            platform = Platform("http", "127.0.0.1", port)
            emails = self._ground.emails[:operators]
            self._logins = [log_in(platform, self._ground.desk, email, self._ground.password) for email in emails]
        self.assigned.clear()
        self.sockets = [
            Socket(port, self._ground.desk, "/socket/desk/", self._hear, login.headers["Cookie"])
            for login in self._logins
        ]
        for one in self.sockets:
            self._greet(one, {"type": "hello", "protocol": 1, "cursors": {}}, sockets)

    def open_visitor(self, port: int, number: int, sockets: Sockets) -> Socket:
        """A new visitor of one of the two organisations, welcomed."""
        site = self._ground.sites[number % len(self._ground.sites)]
        visitor = Socket(port, site.host, "/socket/widget/", self._hear)
        page = {"url": f"http://{site.host}/", "title": "Bench", "referrer": ""}
        hello = {"type": "hello", "protocol": 1, "token": None, "website": site.website, "language": "en"}
        self._greet(visitor, {**hello, "conversation": None, "since": 0, "page": page}, sockets)
        return visitor

    def _greet(self, one: Socket, hello: dict[str, Any], sockets: Sockets) -> None:
        self._waiting_for_welcome.add(one)
        sockets.add(one)
        one.send(json.dumps(hello).encode())
        sockets.serve_until(lambda: one not in self._waiting_for_welcome, WELCOME_SECONDS, "the welcome")

    def _hear(self, hearer: Socket, text: bytes) -> None:
        frame = json.loads(text)
        kind = frame["type"]
        if kind == "welcome":
            self._waiting_for_welcome.discard(hearer)
            if "operator" in frame:
                self._me[hearer] = frame["operator"]["id"]
        elif kind == "inbox.changed":
            row = frame["entry"]
            if row["state"] == "assigned" and row["operator"] == self._me[hearer]:
                self.assigned[row["conversation"]] = hearer
                self.organisation_of[row["conversation"]] = row["organisation"]
        elif kind == "ack":
            self.acked.add(frame["cid"])
        else:
            hear_the_rest(hearer, text)
