"""The desk's pure modules, run in a real browser against the protocol's own samples."""

import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from tests.browser.desk_stage import ADDRESS, OLGA, OMAR, Stage, Talk

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.no_database

CONVERSATION = "0190a1b2-0000-7000-8000-000000000001"
NOW = 1_800_000_000_000
# In the page: feed frames one by one, and give back what a person could see of the state.
REDUCE = """async ([operator, frames, now]) => {
  const { emptyDesk, reduce } = await import("/static/desk/state.js");
  let desk = emptyDesk(operator);
  const commands = [], signals = [];
  for (const frame of frames) {
    const result = reduce(desk, frame, now);
    desk = result.state;
    commands.push(...result.commands);
    signals.push(...result.signals);
  }
  const plain = (value) => value instanceof Map ? Object.fromEntries(value) : value;
  const fields = Object.entries(desk).map(([key, value]) => [key, plain(value)]);
  return { commands, signals, desk: Object.fromEntries(fields) };
}"""


def samples() -> dict[str, list[dict[str, Any]]]:
    """Every JSON sample of the protocol's page by frame type, in the order of the page."""
    found: dict[str, list[dict[str, Any]]] = {}
    for block in re.findall(r"```json\n(.*?)\n```", (settings.BASE_DIR / "docs" / "protocol.md").read_text(), re.S):
        frame = json.loads(block)
        found.setdefault(frame["type"], []).append(frame)
    return found


def desk_welcome() -> dict[str, Any]:
    return next(frame for frame in samples()["welcome"] if "inbox" in frame)


def at_the_desk(page: "Page") -> "Page":
    return page if page.url.startswith(ADDRESS) else Stage().open(page)


def reduce(page: "Page", *frames: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = at_the_desk(page).evaluate(REDUCE, [OLGA, list(frames), NOW])
    return result


def entry_row(**changes: Any) -> dict[str, Any]:
    return {"type": "inbox.changed", "entry": {**desk_welcome()["inbox"][0], **changes}}


def test_the_welcome_fills_the_inbox_and_asks_for_what_it_names(page: "Page") -> None:
    welcome = desk_welcome()

    result = reduce(page, welcome)

    assert result["desk"]["operator"] == welcome["operator"]
    assert result["desk"]["organisations"] == {"acme": welcome["organisations"][0]}
    assert result["desk"]["rows"] == {CONVERSATION: welcome["inbox"][0]}
    place = {"organisation": "acme", "conversation": CONVERSATION}
    assert result["commands"] == [
        {"type": "entries.fetch", **place, "since": 0, "desk_since": 0},
        {"type": "conversation.fetch", **place},
    ]
    assert result["signals"] == []


def test_every_sample_fact_finds_its_place_in_the_thread(page: "Page") -> None:
    facts = [frame for frames in samples().values() for frame in frames if "sender" in frame]
    visible = {fact["seq"]: fact for fact in facts if "seq" in fact}
    staff_only = {fact["desk_seq"]: fact for fact in facts if "desk_seq" in fact}
    # each sample has a number of its own
    assert len(visible) == len({fact["type"] for fact in visible.values()}) >= 11
    assert len(staff_only) == len({fact["type"] for fact in facts if "desk_seq" in fact}) >= 6
    last_seq, last_desk_seq = max(visible), max(staff_only)
    # The numbers that no sample has are read marks, which take no room in the history.
    mark = next(fact for fact in visible.values() if fact["type"] == "read.marked")
    entries = [visible.get(seq, {**mark, "seq": seq, "upto": 0}) for seq in range(1, max(visible) + 1)]
    desk_entries = [staff_only.get(seq, {**staff_only[3], "desk_seq": seq}) for seq in range(1, max(staff_only) + 1)]

    result = reduce(
        page,
        desk_welcome(),
        {
            **samples()["entries"][0],
            "since": 0,
            "entries": entries,
            "last_seq": last_seq,
            "desk_since": 0,
            "desk_entries": desk_entries,
            "last_desk_seq": last_desk_seq,
        },
    )

    thread = result["desk"]["threads"][CONVERSATION]
    assert (thread["last"], thread["deskLast"]) == (last_seq, last_desk_seq)
    assert [entry["type"] for entry in thread["entries"]] == [
        "topic.asked",
        "topic.chosen",
        "conversation.assigned",
        "message.sent",
        "conversation.closed",
        "rating.requested",
        "conversation.reopened",
        "rating.given",
        "question.kept",
        "specialist.asked",
        "specialist.accepted",
        "specialist.returned",
        "callback.promised",
        "rating.answered",
    ]
    assert {entry["type"] for entry in thread["deskEntries"]} == {fact["type"] for fact in staff_only.values()}
    assert thread["purpose"] == "information"
    assert thread["rating"]["mark"] == 9


def test_every_other_sample_changes_what_it_should(page: "Page") -> None:
    found = samples()
    welcome = desk_welcome()
    heartbeat = next(frame for frame in found["heartbeat"] if "tops" in frame)
    entries = {**found["entries"][0], "since": 0, "last_seq": 0, "entries": []}

    typing = {**found["typing.changed"][0], "side": "visitor"}
    assert reduce(page, welcome, typing)["desk"]["typing"] == {CONVERSATION: NOW}
    assert reduce(page, welcome, typing, {**typing, "typing": False})["desk"]["typing"] == {}
    assert reduce(page, welcome, *found["presence.changed"])["desk"]["operator"]["presence"]["state"] == "on_break"
    assert reduce(page, welcome, *found["conversation"])["desk"]["details"] == {CONVERSATION: found["conversation"][0]}
    assert list(reduce(page, welcome, *found["inbox"])["desk"]["rows"]) == [
        found["inbox"][0]["inbox"][0]["conversation"]
    ]
    assigned = reduce(page, welcome, *found["inbox.changed"])
    new = found["inbox.changed"][0]["entry"]["conversation"]
    assert assigned["signals"] == [{"kind": "assigned", "conversation": new}]
    behind = reduce(page, welcome, entries, heartbeat)["commands"][-1]
    assert behind == {
        "type": "entries.fetch",
        "organisation": "acme",
        "conversation": CONVERSATION,
        "since": 0,
        "desk_since": 0,
    }
    after_reset = reduce(page, welcome, found["entries"][0], *found["reset"])
    assert after_reset["desk"]["threads"][CONVERSATION]["aside"] == {}
    assert after_reset["commands"][-1]["type"] == "entries.fetch"


def test_frames_that_are_not_for_the_desk_change_nothing(page: "Page") -> None:
    before = reduce(page, desk_welcome())
    others = [frame for kind in ("ack", "error", "opening") for frame in samples()[kind]]
    assert len(others) == 3

    assert reduce(page, desk_welcome(), *others) == before


def test_a_conversation_the_heartbeat_lacks_or_adds_asks_for_the_inbox(page: "Page") -> None:
    heartbeat = next(frame for frame in samples()["heartbeat"] if "tops" in frame)
    other = "0190a1b2-0000-7000-8000-000000000009"

    def asked(tops: dict[str, list[int]]) -> list[str]:
        result = reduce(page, desk_welcome(), {**heartbeat, "tops": tops})
        return [command["type"] for command in result["commands"][2:]]

    assert asked({CONVERSATION: [0, 0]}) == []
    assert asked({}) == ["inbox.fetch"]
    assert asked({other: [1, 0]}) == ["inbox.fetch"]
    assert asked({CONVERSATION: [0, 0], other: [1, 0]}) == ["inbox.fetch"]


def test_a_waiting_row_whose_text_is_not_loaded_asks_for_the_inbox_when_it_moved_on(page: "Page") -> None:  # rule 5
    heartbeat = next(frame for frame in samples()["heartbeat"] if "tops" in frame)
    row = samples()["inbox"][0]["inbox"][0]
    names = [f"0190a1b2-0000-7000-8000-0000000001{number:02}" for number in range(20)]
    inbox = {**samples()["inbox"][0], "inbox": [{**row, "conversation": name} for name in names]}

    def inbox_fetches(tops: dict[str, list[int]]) -> int:
        commands = reduce(page, desk_welcome(), inbox, {**heartbeat, "tops": tops})["commands"]
        return sum(command["type"] == "inbox.fetch" for command in commands)

    same = {name: [row["last_seq"], 0] for name in names}
    assert inbox_fetches(same) == 0
    assert inbox_fetches({**same, names[-1]: [row["last_seq"] + 1, 1]}) == 1


def test_a_conversation_that_goes_to_somebody_else_leaves_the_inbox_and_says_so(page: "Page") -> None:
    result = reduce(page, desk_welcome(), entry_row(operator=OMAR["id"]))

    assert result["desk"]["rows"] == {}
    assert result["signals"] == [{"kind": "departed", "conversation": CONVERSATION}]


def test_a_closed_conversation_stays_among_the_recent_ones_until_it_is_reopened(page: "Page") -> None:
    closed = reduce(page, desk_welcome(), entry_row(state="closed"))
    reopened = reduce(page, desk_welcome(), entry_row(state="closed"), entry_row())

    assert [row["conversation"] for row in closed["desk"]["recent"]] == [CONVERSATION]
    assert closed["signals"] == []
    assert reopened["desk"]["recent"] == []
    assert list(reopened["desk"]["rows"]) == [CONVERSATION]


def test_half_dropped_the_rest_doubled_and_shuffled_gives_the_same_history(page: "Page") -> None:  # rule 5
    talk = Talk(id=CONVERSATION)
    for number in range(1, 41):
        talk.say(f"message {number}", VISITOR_OR_OPERATOR[number % 2])
        if number % 3 == 0:
            talk.add("note.added", OPERATOR, cid=f"note {number}", body=f"note {number}")
        if number % 10 == 0:
            talk.add("message.edited", OPERATOR, target=number - 1, body="edited")
    facts = [*talk.facts, *talk.desk_facts]
    chance = random.Random(7)
    kept = chance.sample(facts, len(facts) // 2)
    hints = kept * 2
    chance.shuffle(hints)
    tops = {CONVERSATION: [len(talk.facts), len(talk.desk_facts)]}
    welcome = {**desk_welcome(), "inbox": [{**talk.row, "last_seq": 0, "last_desk_seq": 0}]}

    told = reduce(page, welcome, talk.entries(0, 0))["desk"]["threads"]
    missed = reduce(
        page,
        welcome,
        {**talk.entries(0, 0), "entries": [], "desk_entries": [], "last_seq": 0, "last_desk_seq": 0},
        *hints,
    )
    held = missed["desk"]["threads"][CONVERSATION]
    assert held["last"] < len(talk.facts)
    repaired = reduce(
        page,
        welcome,
        *hints,
        {"type": "heartbeat", "now": "2026-11-22T09:30:04Z", "tops": tops},
        talk.entries(held["last"], held["deskLast"]),
    )["desk"]["threads"]

    assert repaired == told


VISITOR_OR_OPERATOR = [
    {"kind": "visitor", "id": "0190a1b2-0000-7000-8000-00000000000b", "name": ""},
    {"kind": "operator", **OLGA},
]
OPERATOR = VISITOR_OR_OPERATOR[1]


def test_messages_open_and_settle_the_promise_of_their_row(page: "Page") -> None:
    waiting = {**desk_welcome()["inbox"][0], "promise": None, "last_seq": 0, "last_desk_seq": 0}
    welcome = {**desk_welcome(), "inbox": [waiting]}
    sent = next(frame for frame in samples()["message.sent"])

    def message(seq: int, at: str, kind: str) -> dict[str, Any]:
        return {**sent, "seq": seq, "at": at, "sender": {"kind": kind, "id": None, "name": ""}, "body": "text"}

    def promise_after(*messages: dict[str, Any]) -> dict[str, Any] | None:
        promise: dict[str, Any] | None = reduce(page, welcome, *messages)["desk"]["rows"][CONVERSATION]["promise"]
        return promise

    first = message(1, "2026-11-22T09:00:00.000Z", "visitor")
    burst = message(2, "2026-11-22T09:00:05.000Z", "visitor")
    greeting = message(2, "2026-11-22T09:00:01.000Z", "automatic")
    answer = message(3, "2026-11-22T09:00:10.000Z", "operator")
    question = message(4, "2026-11-22T09:01:00.000Z", "visitor")
    opened = {
        "kind": "first",
        "opened_at": "2026-11-22T09:00:00.000Z",
        "warn_at": "2026-11-22T09:00:12.000Z",
        "due_at": "2026-11-22T09:00:20.000Z",
    }

    assert promise_after(first) == opened
    assert promise_after(first, burst) == opened
    assert promise_after(first, greeting) == opened
    assert promise_after(first, first) == opened
    assert promise_after(first, burst, answer) is None
    assert promise_after(first, burst, answer, question) == {
        "kind": "follow_up",
        "opened_at": "2026-11-22T09:01:00.000Z",
        "warn_at": "2026-11-22T09:01:18.000Z",
        "due_at": "2026-11-22T09:01:30.000Z",
    }
    overtaken = {"type": "inbox.changed", "entry": waiting}
    assert promise_after(first, overtaken) == opened


def test_while_a_promise_rests_messages_start_no_countdown(page: "Page") -> None:
    sent = next(frame for frame in samples()["message.sent"])

    def row_after(reason: str, *senders: str) -> dict[str, Any]:
        row = {**desk_welcome()["inbox"][0], "promise": None, "paused": reason, "last_seq": 0, "last_desk_seq": 0}
        messages = [
            {**sent, "seq": seq, "sender": {"kind": kind, "id": None, "name": ""}, "body": "text"}
            for seq, kind in enumerate(senders, start=1)
        ]
        state = reduce(page, {**desk_welcome(), "inbox": [row]}, *messages)
        rows: dict[str, dict[str, Any]] = state["desk"]["rows"]
        return rows[CONVERSATION]

    def shown(row: dict[str, Any]) -> tuple[str | None, str | None]:
        return row["paused"], row["promise"] and row["promise"]["kind"]

    assert shown(row_after("escalated", "visitor")) == ("escalated", None)
    assert shown(row_after("escalated", "operator", "visitor")) == ("escalated", None)
    assert shown(row_after("outside_hours", "visitor")) == ("outside_hours", None)
    assert shown(row_after("outside_hours", "specialist")) == (None, None)
    assert shown(row_after("outside_hours", "operator", "visitor")) == (None, "follow_up")
    talk = Talk(id=CONVERSATION)
    talk.add("note.added", OPERATOR, cid="a note", body="a note")
    held = talk.entries(0, 0)
    talk.add("promise.paused", {"kind": "system", "id": None, "name": ""}, reason="escalated", resumes_at=None)
    assert {"type": "inbox.fetch"} not in reduce(page, desk_welcome(), held)["commands"]
    assert {"type": "inbox.fetch"} in reduce(page, desk_welcome(), held, talk.entries(0, 1))["commands"]


def test_a_countdown_is_calm_then_warns_then_counts_what_is_overdue(page: "Page") -> None:
    shown = at_the_desk(page).evaluate("""async () => {
      const { countdown } = await import("/static/desk/promise.js");
      const at = (seconds) => new Date(1_800_000_000_000 + seconds * 1000);
      const times = { opened_at: at(0).toISOString(), warn_at: at(12).toISOString(), due_at: at(20).toISOString() };
      const promise = { kind: "first", ...times };
      return [0, 11.9, 12, 19.5, 20, 33.2].map((seconds) => countdown(promise, at(seconds).getTime()));
    }""")

    assert [(one["phase"], one["seconds"]) for one in shown] == [
        ("calm", 20),
        ("calm", 9),
        ("warn", 8),
        ("warn", 1),
        ("broken", 0),
        ("broken", 13),
    ]
    assert shown[0]["share"] == 1


def test_typing_is_forgotten_after_six_seconds(page: "Page") -> None:
    typing = at_the_desk(page).evaluate("""async () => {
      const { emptyDesk, forgetTyping } = await import("/static/desk/state.js");
      const desk = { ...emptyDesk({ id: "a", name: "Olga" }), typing: new Map([["one", 10_000]]) };
      return [15_999, 16_000].map((moment) => [...forgetTyping(desk, moment).typing.keys()]);
    }""")

    assert typing == [["one"], []]


def test_what_is_due_first_stands_first(page: "Page") -> None:
    order = at_the_desk(page).evaluate("""async () => {
      const { byUrgency } = await import("/static/desk/promise.js");
      const row = (conversation, opened_at, due_at) => ({ conversation, opened_at, promise: due_at && { due_at } });
      const rows = [
        row("answered late", "2026-11-22T09:05:00Z", null),
        row("due later", "2026-11-22T09:00:00Z", "2026-11-22T09:10:00Z"),
        row("answered early", "2026-11-22T09:01:00Z", null),
        row("overdue", "2026-11-22T09:04:00Z", "2026-11-22T09:05:00Z"),
      ];
      return byUrgency(rows).map((one) => one.conversation);
    }""")

    assert order == ["overdue", "due later", "answered early", "answered late"]


def test_the_page_has_every_word_that_its_modules_ask_for() -> None:
    from conversations.texts_desk import TEXTS

    asked: set[str] = set()
    for module in (settings.BASE_DIR / "static" / "desk").rglob("*.js"):
        text = module.read_text()
        asked |= set(re.findall(r'phrase\(\s*"([^"]+)"', text))
        asked |= {
            key for pair in re.findall(r'phrase\([^"`\n]*\? "([^"]+)" : (?:[^"\n]*\? )?"([^"]+)"', text) for key in pair
        }
    missing = {key for key in asked if key not in TEXTS and f"{key}.other" not in TEXTS}

    assert len(asked) > 90
    assert missing == set()


def test_what_a_supervisor_watches_stays_whoever_holds_it_and_leaves_when_they_stop(page: "Page") -> None:
    welcome = {**desk_welcome(), "supervises": True, "inbox": []}
    watching = next(frame for frame in samples()["watching"])
    theirs = {**watching, "entry": {**watching["entry"], "state": "assigned", "operator": OMAR["id"]}}
    script = """async ([me, welcome, theirs, now]) => {
      const { emptyDesk, reduce, sections, unwatch, watch } = await import("/static/desk/state.js");
      let { state } = reduce(emptyDesk(me), welcome, now);
      const begun = watch(state, theirs.conversation, "acme", now);
      state = reduce(begun.state, theirs, now).state;
      const shown = sections(state).watched.map((row) => row.operator);
      const ended = unwatch(state, theirs.conversation, now);
      const left = [...ended.state.rows.keys()];
      return { asked: begun.commands[0], shown, told: ended.commands[0], left, selected: ended.state.selected };
    }"""

    result = at_the_desk(page).evaluate(script, [OLGA, welcome, theirs, NOW])

    place = {"organisation": "acme", "conversation": watching["conversation"]}
    assert result == {
        "asked": {"type": "conversation.watch", **place},
        "shown": [OMAR["id"]],
        "told": {"type": "conversation.unwatch", **place},
        "left": [],
        "selected": None,
    }


def test_a_whisper_calls_the_operator_and_an_alert_the_supervisor(page: "Page") -> None:
    row = {**desk_welcome()["inbox"][0], "last_desk_seq": 0}
    welcome = {**desk_welcome(), "inbox": [row], "alerts": []}
    whisper = {**samples()["whisper.added"][0], "desk_seq": 1}
    alert = samples()["alert.raised"][0]

    result = reduce(page, welcome, whisper, alert)

    assert [signal["kind"] for signal in result["signals"]] == ["whisper", "alert"]
