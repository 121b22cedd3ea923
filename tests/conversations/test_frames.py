"""docs/protocol.md is the protocol: a sample for each struct, a struct for each sample, nothing else accepted."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.conf import settings

from conversations import events, frames, guest_frames, replies
from conversations.commands.desk import desk_commands
from conversations.commands.guest import guest_commands
from conversations.commands.registry import Registry, decode_hello, error_frame
from conversations.commands.visitor import visitor_commands
from conversations.errors import NotAssigned
from conversations.frames import MAX_FRAME_BYTES, DeskHello, VisitorHello
from ratings import link_frames
from ratings.link_commands import link_commands
from tenants.errors import Invalid, RateLimited

pytestmark = pytest.mark.no_database

PROTOCOL = Path(settings.BASE_DIR) / "docs" / "protocol.md"
REGISTRIES: dict[str, Registry[Any]] = {
    "widget": visitor_commands,
    "desk": desk_commands,
    "guest": guest_commands,
    "rating": link_commands,
}
HELLOS: dict[str, Any] = {"widget": VisitorHello, "desk": DeskHello}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True)
class Sample:
    """A frame of the page. ``family``: command, reply or fact; ``doors``: whose it is."""

    family: str
    doors: tuple[str, ...]
    frame: dict[str, Any]

    def for_door(self, door: str) -> dict[str, Any]:
        """What both doors say is written down as the desk says it: the widget's organisation is known."""
        if self.family != "command" or door == "desk" or self.doors == ("widget",):
            return self.frame
        return {key: value for key, value in self.frame.items() if key not in ("organisation", "desk_since")}


def samples() -> list[Sample]:
    found: list[tuple[str, str, dict[str, Any]]] = []
    section = heading = ""
    for line in PROTOCOL.read_text().splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("### "):
            heading = line[4:]
        elif line.startswith("{"):
            found.append((section, heading, json.loads(line)))
    return [Sample(_family(section), _doors(section, heading, found), frame) for section, heading, frame in found]


def _family(section: str) -> str:
    return "command" if section.startswith("Commands") else "reply" if section.startswith("Replies") else "fact"


def _doors(section: str, heading: str, found: list[tuple[str, str, dict[str, Any]]]) -> tuple[str, ...]:
    for door in ("widget", "desk", "guest", "rating"):
        if f"({door}" in heading or section == f"Commands of the {door}":
            return (door,)
    has_own = any(one[0] == section and one[1] == f"{heading} (desk)" for one in found)
    return ("widget",) if has_own else ("widget", "desk")


def structs() -> dict[tuple[str, str, str], type[msgspec.Struct]]:
    """(family, door, type) → struct, for everything that is a frame."""
    known: dict[tuple[str, str, str], type[msgspec.Struct]] = {}
    for door, registry in REGISTRIES.items():
        for struct in (*filter(None, [HELLOS.get(door)]), *registry._handlers):
            known["command", door, _tag(struct)] = struct
    for module in (events, frames, replies, guest_frames, link_frames):
        for struct in vars(module).values():
            if not _is_frame(struct, module.__name__) or issubclass(struct, frames.Command):
                continue
            family = "reply" if issubclass(struct, replies.Reply) else "fact"
            own = {"Visitor": ["widget"], "Desk": ["desk"], "Guest": ["guest"], "Link": ["rating"]}
            prefix = next((name for name in own if struct.__name__.startswith(name)), "")
            for door in own.get(prefix, ["widget", "desk"]):
                known[family, door, _tag(struct)] = struct
    return known


def _is_frame(struct: Any, module_name: str) -> bool:
    return (
        isinstance(struct, type)
        and issubclass(struct, msgspec.Struct)
        and struct.__module__ == module_name
        and (_tag(struct) != struct.__name__ and bool(_tag(struct)))
    )


def _tag(struct: Any) -> str:
    return str(struct.__struct_config__.tag or "")


def cases(family: str | None = None) -> list[Any]:
    return [
        pytest.param(sample, door, id=f"{position} {door} {sample.frame['type']}")
        for position, sample in enumerate(samples())
        if family in (None, sample.family)
        for door in sample.doors
    ]


def others(door: str) -> list[str]:
    return [one for one in REGISTRIES if one != door]


def comparable(value: Any) -> Any:
    """Times as instants: a whole second may be written with or without its zeros."""
    if isinstance(value, dict):
        return {key: comparable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [comparable(one) for one in value]
    if isinstance(value, str) and TIME.fullmatch(value):
        return datetime.fromisoformat(value)
    return value


def command(door: str, type_: str) -> dict[str, Any]:
    return next(
        sample.for_door(door)
        for sample in samples()
        if sample.family == "command" and door in sample.doors and sample.frame["type"] == type_
    )


def decode(door: str, frame: dict[str, Any]) -> frames.Command:
    if frame["type"] == "hello":
        return decode_hello(json.dumps(frame), HELLOS[door])
    return REGISTRIES[door].decode(json.dumps(frame))


@pytest.mark.parametrize(("sample", "door"), cases())
def test_a_sample_is_read_as_its_struct_and_written_back_the_same(sample: Sample, door: str) -> None:
    frame = sample.for_door(door)
    struct = structs()[sample.family, door, frame["type"]]

    decoded = msgspec.json.decode(json.dumps(frame), type=struct)

    assert comparable(json.loads(events.encode(decoded))) == comparable(frame)  # type: ignore[arg-type]


def test_every_frame_has_a_sample() -> None:
    sampled = {(sample.family, sample.frame["type"]) for sample in samples()}
    of_one_door = {
        key for key in structs() if not any((key[0], other, key[2]) in structs() for other in others(key[1]))
    }
    by_door = {(sample.family, door, sample.frame["type"]) for sample in samples() for door in sample.doors}

    assert {(family, type_) for family, _, type_ in structs()} == sampled
    assert of_one_door <= by_door


def test_every_command_of_both_registries_is_known_to_the_page() -> None:
    for door, registry in REGISTRIES.items():
        written = {s.frame["type"] for s in samples() if s.family == "command" and door in s.doors}
        assert {_tag(struct) for struct in registry._handlers} | ({"hello"} if door in HELLOS else set()) == written


@pytest.mark.parametrize(("sample", "door"), cases("command"))
def test_a_command_is_accepted_as_written_and_refused_with_one_more_key(sample: Sample, door: str) -> None:  # rule 28
    frame = sample.for_door(door)

    decode(door, frame)
    with pytest.raises(Invalid):
        decode(door, {**frame, "surprise": 1})


@pytest.mark.parametrize(("sample", "door"), cases("command"))
def test_a_command_is_refused_with_a_value_of_another_kind(sample: Sample, door: str) -> None:  # rule 28
    frame = sample.for_door(door)

    for key in frame:
        wrongs: list[object] = [{"a": 1}, [[[]]], 1.5, True]
        for wrong in wrongs:
            if key == "cursors" or type(frame[key]) is type(wrong):
                continue
            with pytest.raises(Invalid):
                decode(door, {**frame, key: wrong})


@pytest.mark.parametrize("door", ["widget", "desk"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "1",
        '"hello"',
        "{}",
        "{",
        '{"type": "heartbeat"} {"type": "heartbeat"}',
        '{"type": "nobody.knows"}',
        '{"type": null}',
        '{"type": ["heartbeat"]}',
        '{"type": "message.sent"}',
        '{"type": "heartbeat", "type": "nobody.knows"}x',
        "\ud800",
        b"\xff\xfe",
        b"\x00",
        '{"type": ' * 5000,
        "[" * 60000,
    ],
)
def test_what_is_not_one_command_is_refused(door: str, text: str | bytes) -> None:  # rule 28
    with pytest.raises(Invalid):
        REGISTRIES[door].decode(text)
    with pytest.raises(Invalid):
        decode_hello(text, HELLOS[door])


def test_a_command_of_the_other_door_is_refused() -> None:  # rule 17
    for door, registry in REGISTRIES.items():
        for other in others(door):
            foreign = {_tag(one) for one in REGISTRIES[other]._handlers} - {_tag(one) for one in registry._handlers}
            assert foreign
            for type_ in foreign:
                with pytest.raises(Invalid):
                    decode(door, command(other, type_))
    with pytest.raises(Invalid):
        decode("widget", {**command("widget", "message.edit"), "organisation": "acme"})


@pytest.mark.parametrize("door", ["widget", "desk"])
def test_a_frame_has_at_most_64_kib(door: str) -> None:  # rule 28
    padding = MAX_FRAME_BYTES - len('{"type": "heartbeat"}')
    fits = '{"type": "heartbeat"' + " " * padding + "}"
    assert len(fits) == MAX_FRAME_BYTES

    REGISTRIES[door].decode(fits)
    REGISTRIES[door].decode(fits.encode())
    for too_long in (fits + " ", (fits + " ").encode()):
        with pytest.raises(Invalid):
            REGISTRIES[door].decode(too_long)


def test_the_size_of_a_frame_is_counted_in_bytes() -> None:
    hello = command("widget", "hello")
    page = {"url": "", "referrer": ""}

    decode("widget", {**hello, "page": {**page, "title": "t" * 40_000}})
    text = json.dumps({**hello, "page": {**page, "title": "店" * 40_000}}, ensure_ascii=False)
    with pytest.raises(Invalid):
        decode_hello(text, VisitorHello)


@pytest.mark.parametrize(
    ("door", "type_", "key", "fits", "too_much"),
    [
        ("widget", "message.send", "body", "語" * 4000, "語" * 4001),
        ("desk", "message.send", "body", "b" * 4000, "b" * 4001),
        ("widget", "message.send", "attachments", [str(uuid4())] * 5, [str(uuid4())] * 6),
        ("desk", "message.send", "attachments", [str(uuid4())] * 5, [str(uuid4())] * 6),
        ("widget", "message.send", "cid", "0190a1b2-0000-7000-8000-000000000001", "not-a-uuid"),
        ("widget", "message.send", "topic", "t" * 40, "t" * 41),
        ("widget", "message.edit", "body", "b", ""),
        ("widget", "message.edit", "body", "b" * 4000, "b" * 4001),
        ("widget", "message.edit", "target", 2**31 - 1, 2**31),
        ("desk", "message.delete", "target", 0, -1),
        ("desk", "note.add", "body", "b" * 4000, "b" * 4001),
        ("desk", "note.add", "body", "b", ""),
        ("widget", "entries.fetch", "since", 0, -1),
        ("desk", "entries.fetch", "desk_since", 2**31 - 1, 2**31),
        ("widget", "read.mark", "upto", 2**31 - 1, 2**40),
        ("widget", "rating.give", "mark", 10, 11),
        ("widget", "rating.give", "mark", 1, 0),
        ("widget", "rating.give", "comment", "c" * 2000, "c" * 2001),
        ("widget", "contact.send", "name", "n" * 80, "n" * 81),
        ("widget", "contact.send", "email", "e" * 254, "e" * 255),
        ("widget", "contact.send", "body", "b" * 4000, "b" * 4001),
        ("widget", "help.search", "text", "t" * 500, "t" * 501),
        ("widget", "help.search", "text", "t", ""),
        ("widget", "help.rate", "article", "0190a1b2-0000-7000-8000-0000000000a1", "not-a-uuid"),
        ("widget", "hello", "token", "t" * 200, "t" * 201),
        ("widget", "hello", "website", "w" * 40, "w" * 41),
        ("widget", "hello", "protocol", 1, 2),
        ("desk", "hello", "protocol", 1, 0),
        ("desk", "hello", "cursors", {str(uuid4()): [0, 0]}, {str(uuid4()): [0]}),
        ("desk", "hello", "cursors", {}, {"not-a-uuid": [0, 0]}),
        ("desk", "hello", "cursors", {str(uuid4()): [1, 1]}, {str(uuid4()): [-1, 0]}),
    ],
)
def test_every_value_has_its_limit(door: str, type_: str, key: str, fits: object, too_much: object) -> None:  # rule 28
    frame = command(door, type_)

    decode(door, {**frame, key: fits})
    with pytest.raises(Invalid):
        decode(door, {**frame, key: too_much})


def test_a_refusal_carries_its_code_its_words_and_when_to_come_back() -> None:
    cid = uuid4()

    final, later = error_frame(NotAssigned(), cid), error_frame(RateLimited(retry_after=1.5))

    assert (final.code, final.cid, final.retry, final.retry_after) == ("not_assigned", cid, False, None)
    assert final.message == "This conversation is no longer yours. Your text was kept as a draft."
    assert (later.code, later.cid, later.retry, later.retry_after) == ("rate_limited", None, True, 1.5)
