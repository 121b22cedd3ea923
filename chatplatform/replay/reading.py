"""Reads a finished conversation's history back over the HTTP doors, as its visitor and as an operator."""

import http.client
import time
from collections.abc import Callable
from typing import Any

from chatplatform.replay.platform import DoorClosed, Login, Platform
from chatplatform.replay.play import Play

WIDGET_PATH = "/api/widget/commands"
DESK_PATH = "/api/desk/commands"
TRIES = 30
RETRY_SECONDS = 1.0

Frames = list[dict[str, Any]]


def read_as_visitor(platform: Platform, play: Play) -> Frames:
    """Every fact the visitor is given, in the order given. The visitor's token is rotated on the way."""

    def ask(since: int) -> Frames:
        hello = {
            "type": "hello",
            "protocol": 1,
            "token": play.token,
            "website": play.site.website,
            "language": "en",
            "conversation": play.conversation,
            "since": since,
            "page": {"url": "", "title": "", "referrer": ""},
        }
        fetch = {"type": "entries.fetch", "conversation": play.conversation, "since": since}
        frames = platform.commands(play.site.host, WIDGET_PATH, hello, [fetch], {})
        play.token = next((frame["token"] for frame in frames if frame["type"] == "welcome"), play.token)
        return frames

    return _read_all(ask)


def read_as_operator(platform: Platform, desk: str, login: Login, play: Play) -> Frames:
    """Every fact of the visible sequence that the desk is given; any operator of the organisation may ask."""

    def ask(since: int) -> Frames:
        hello = {"type": "hello", "protocol": 1, "cursors": {}}
        fetch = {
            "type": "entries.fetch",
            "organisation": play.site.slug,
            "conversation": play.conversation,
            "since": since,
            "desk_since": 0,
        }
        return platform.commands(desk, DESK_PATH, hello, [fetch], login.headers)

    return _read_all(ask)


def _read_all(ask: Callable[[int], Frames]) -> Frames:
    facts: Frames = []
    while True:
        # The answer to hello may bring entries too; the command's own answer is the last frame.
        answer = _patiently(ask, facts[-1]["seq"] if facts else 0)[-1]
        if answer["type"] != "entries":
            raise DoorClosed(f"A history could not be read: {answer.get('code', answer['type'])}.")
        facts += answer["entries"]
        if answer["complete"]:
            return facts


def _patiently(ask: Callable[[int], Frames], since: int) -> Frames:
    """Tries again while the platform is being restarted. Blocks for half a minute at most."""
    for _ in range(TRIES - 1):
        try:
            return ask(since)
        except (DoorClosed, OSError, http.client.HTTPException):
            time.sleep(RETRY_SECONDS)
    return ask(since)
