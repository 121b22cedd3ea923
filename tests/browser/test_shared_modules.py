"""The pure modules of the front end, imported as they are into a real browser."""

import hashlib
import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from tests.browser.widget_stage import CONVERSATION, HOST, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.no_database

SAMPLES: list[dict[str, Any]] = [
    json.loads(block)
    for block in re.findall(
        r"^```json\n(.*?)^```", (settings.BASE_DIR / "docs" / "protocol.md").read_text(), re.MULTILINE | re.DOTALL
    )
]
VISIBLE = [sample for sample in SAMPLES if "seq" in sample and "sender" in sample]
STAFF = [sample for sample in SAMPLES if "desk_seq" in sample and "sender" in sample]


@pytest.fixture(scope="module")
def modules(browser: "Browser") -> "Iterator[Page]":
    """One empty page of the organisation's host for the whole module; an uncaught error in its scripts fails it."""
    context = browser.new_context()
    Stage().enter(context)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{HOST}/modules")
    yield page
    context.close()
    assert errors == []


def run(page: "Page", body: str, argument: object = None) -> Any:
    """Runs the body of an async function of ``input``; ``load(path)`` imports a module."""
    load = "const load = (path) => import('/static/' + path);"
    return page.evaluate(f"async (input) => {{ {load} {body} }}", argument)


def facts(count: int = 40) -> list[dict[str, Any]]:
    """A conversation of ``count`` facts of every kind that changes what is shown."""
    visitor = {"kind": "visitor", "id": "v", "name": ""}
    operator = {"kind": "operator", "id": "o", "name": "Olga"}
    made = []
    for seq in range(1, count + 1):
        side = visitor if seq % 2 else operator
        fact = {"conversation": CONVERSATION, "seq": seq, "id": f"id-{seq}", "sender": side}
        fact["at"] = f"2026-11-22T09:{seq:02}:00Z"
        if seq % 7 == 0:
            fact |= {"type": "message.edited", "target": seq - 6, "body": f"edited {seq}"}
        elif seq % 11 == 0:
            fact |= {"type": "message.deleted", "target": seq - 2}
        elif seq % 5 == 0:
            fact |= {"type": "read.marked", "upto": seq - 1}
        else:
            fact |= {"type": "message.sent", "cid": f"cid-{seq}", "body": f"text {seq}", "attachments": []}
        made.append(fact)
    return made


def test_the_vendored_files_are_the_ones_their_list_names() -> None:
    folder = settings.BASE_DIR / "static" / "vendor"
    listed = dict(re.findall(r"\| `([a-z.-]+\.js)` \|.*\| `([0-9a-f]{64})` \|", (folder / "README.md").read_text()))

    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.js")}

    assert sums == listed
    assert len(sums) == 3


@pytest.mark.parametrize("sample", [*VISIBLE, *STAFF], ids=lambda sample: f"{sample['type']} {sample['id'][-2:]}")
def test_every_fact_of_the_protocol_takes_its_number_and_changes_the_thread(
    modules: "Page", sample: dict[str, Any]
) -> None:
    counter = "last" if "seq" in sample else "deskLast"
    number = sample.get("seq", sample.get("desk_seq"))

    before, after, gap = run(
        modules,
        """
        const { applyFacts, emptyThread } = await load("shared/thread.js");
        const before = { ...emptyThread(input.sample.conversation), [input.counter]: input.number - 1 };
        before.entries = [{ type: "message.sent", seq: input.sample.target, sender: {}, body: "old", deleted: false }];
        const frozen = JSON.stringify(before);
        const { thread, gap } = applyFacts(before, [input.sample]);
        if (JSON.stringify(before) !== frozen) throw new Error("the state given was changed");
        return [before, thread, gap];
        """,
        {"sample": sample, "counter": counter, "number": number},
    )

    assert after[counter] == number
    assert gap is None
    assert {key for key in after if after[key] != before[key]} - {counter}, "the fact shows nowhere"


def test_every_frame_for_a_widget_is_understood_by_its_state(modules: "Page") -> None:
    closed = run(
        modules,
        """
        const { firstState, receive } = await load("widget/state.js");
        let state = firstState({ open: true });
        for (const frame of input) state = receive(state, frame, Date.parse("2026-11-22T09:30:00Z")).state;
        return state.opening.open === false && state.thread.conversation;
        """,
        [sample for sample in SAMPLES if "desk_seq" not in sample or sample["type"] == "ack"],
    )

    assert closed >= CONVERSATION


def test_half_dropped_the_rest_doubled_and_shuffled_shows_the_same_history_after_a_fetch(modules: "Page") -> None:
    # rule 5
    history = facts()
    chance = random.Random(7)
    rounds = []
    for _ in range(20):
        arriving = [fact for fact in history if chance.random() < 0.5] * 2
        chance.shuffle(arriving)
        rounds.append(arriving)

    results = run(
        modules,
        """
        const { applyFacts, emptyThread, gapOf } = await load("shared/thread.js");
        const whole = applyFacts(emptyThread(input.history[0].conversation), input.history).thread;
        return input.rounds.map((arriving) => {
          let thread = emptyThread(whole.conversation);
          for (const fact of arriving) thread = applyFacts(thread, [fact]).thread;
          const gap = gapOf(thread, input.history.length);
          const missing = gap ? input.history.filter((fact) => fact.seq > gap.since) : [];
          const { thread: repaired, gap: left } = applyFacts(thread, missing);
          return [JSON.stringify(repaired) === JSON.stringify(whole), left, gap !== null];
        });
        """,
        {"history": history, "rounds": rounds},
    )

    assert [result[:2] for result in results] == [[True, None]] * 20
    assert any(result[2] for result in results), "no round had a gap: the test shows nothing"


def test_a_fact_above_a_gap_waits_and_a_known_one_is_dropped(modules: "Page") -> None:
    history = facts(4)

    outcome = run(
        modules,
        """
        const { applyFacts, emptyThread } = await load("shared/thread.js");
        const [one, two, three, four] = input;
        const start = applyFacts(emptyThread(one.conversation), [one]);
        const above = applyFacts(start.thread, [four, three, one]);
        const filled = applyFacts(above.thread, [two]);
        return [start.gap, above.gap, above.thread.entries.length, filled.gap, filled.thread.entries.map((e) => e.seq)];
        """,
        history,
    )

    assert outcome == [None, {"since": 1, "desk_since": 0}, 1, None, [1, 2, 3, 4]]


def test_facts_of_another_conversation_change_nothing(modules: "Page") -> None:
    same = run(
        modules,
        """
        const { applyFacts, emptyThread } = await load("shared/thread.js");
        const thread = emptyThread("0190a1b2-0000-7000-8000-00000000ffff");
        return JSON.stringify(applyFacts(thread, input)) === JSON.stringify({ thread, gap: null });
        """,
        facts(3),
    )

    assert same


def test_a_deleted_message_stays_deleted_and_an_edited_one_shows_its_last_text(modules: "Page") -> None:
    sent, other, edited, deleted, late = facts(3) + [dict(facts(1)[0]) for _ in range(2)]
    edited |= {"seq": 3, "type": "message.edited", "target": 2, "body": "better"}
    deleted |= {"seq": 4, "type": "message.deleted", "target": 1}
    late |= {"seq": 5, "type": "message.edited", "target": 1, "body": "too late"}

    shown = run(
        modules,
        """
        const { applyFacts, emptyThread } = await load("shared/thread.js");
        const { thread } = applyFacts(emptyThread(input[0].conversation), input);
        return thread.entries.map(({ body, deleted, edited }) => ({ body, deleted, edited }));
        """,
        [sent, other, edited, deleted, late],
    )

    assert shown == [
        {"body": "", "deleted": True, "edited": False},
        {"body": "better", "deleted": False, "edited": True},
    ]


def test_a_pending_message_gives_way_to_its_fact(modules: "Page") -> None:
    shown = run(
        modules,
        """
        const { applyFacts, emptyThread, pendingEntries } = await load("shared/thread.js");
        const frame = { type: "message.send", body: "" };
        const item = (cid) => ({ cid, frame, attachments: [], state: "sending", at: 0, message: "" });
        const { thread } = applyFacts(emptyThread(input[0].conversation), input);
        const leave = { ...item("leave"), frame: { type: "conversation.leave" } };
        const items = [item("cid-1"), item("cid-9"), leave];
        return pendingEntries(thread, items, { kind: "visitor" }).map((entry) => entry.cid);
        """,
        facts(2),
    )

    assert shown == ["cid-9"]


STORED_OUTBOX = """
const { openOutbox, newCid } = await load("shared/outbox.js");
const sent = [];
let now = 1_000_000;
const open = () => openOutbox({ key: "box", send: (frame) => (sent.push(frame.cid), true), now: () => now });
const states = (box) => box.all().map((item) => [item.cid, item.state]);
"""
OUTBOX = "localStorage.clear();" + STORED_OUTBOX


def test_an_unsent_message_survives_a_reload_and_goes_out_with_the_same_cid(modules: "Page") -> None:
    # rule 8
    run(
        modules,
        OUTBOX + "const box = open(); box.add({ type: 'message.send', cid: 'a' }); box.add({ type: 'x', cid: 'b' });",
    )

    modules.reload()
    resent, left = run(
        modules,
        STORED_OUTBOX
        + """
        const box = open();
        box.resend();
        box.answered({ type: "ack", cid: "a", seq: 7 });
        return [sent, states(open())];
        """,
    )

    assert resent == ["a", "b"]
    assert left == [["b", "sending"]]


def test_a_message_fails_after_twenty_seconds_and_goes_out_again_after_a_welcome(modules: "Page") -> None:
    outcome = run(
        modules,
        OUTBOX
        + """
        const box = open();
        box.add({ type: "message.send", cid: "a" });
        now += 19_999; box.tick(); const early = states(box);
        now += 1; box.tick(); const late = states(box);
        box.resend();
        return [early, late, states(box), sent];
        """,
    )

    assert outcome == [[["a", "sending"]], [["a", "failed"]], [["a", "sending"]], ["a", "a"]]


def test_what_the_server_refused_waits_for_a_person(modules: "Page") -> None:
    outcome = run(
        modules,
        OUTBOX
        + """
        const box = open();
        box.add({ type: "message.send", cid: "a" });
        box.answered({ type: "error", cid: "a", retry: false, message: "No." });
        box.resend();
        const [refused] = box.all();
        box.retry("a");
        const again = [...sent];
        box.answered({ type: "error", cid: "a", retry: false, message: "No." });
        box.discard("a");
        return [refused.state, refused.message, again, states(box), states(open())];
        """,
    )

    assert outcome == ["failed", "No.", ["a", "a"], [], []]


def test_a_limited_message_is_sent_again_when_the_server_allows_it(modules: "Page") -> None:
    outcome = run(
        modules,
        OUTBOX
        + """
        const box = open();
        box.add({ type: "message.send", cid: "a" });
        box.answered({ type: "error", cid: "a", retry: true, retry_after: 25, message: "" });
        now += 24_999; box.tick(); const early = [...sent];
        now += 1; box.tick();
        return [early, sent, states(box)];
        """,
    )

    assert outcome == [["a"], ["a", "a"], [["a", "sending"]]]


def test_the_outbox_works_where_storage_is_forbidden(modules: "Page") -> None:
    outcome = run(
        modules,
        """
        const { openOutbox, safeStorage } = await load("shared/outbox.js");
        const storage = safeStorage(() => { throw new Error("SecurityError"); });
        const box = openOutbox({ key: "box", send: () => false, storage });
        box.add({ type: "message.send", cid: "a" });
        return openOutbox({ key: "box", send: () => false, storage }).all().map((item) => item.cid);
        """,
    )

    assert outcome == ["a"]


def test_a_cid_is_a_uuid_of_version_4(modules: "Page") -> None:
    cids = run(modules, OUTBOX + "return [newCid(), newCid()];")

    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", cid) for cid in cids
    )
    assert cids[0] != cids[1]


def test_retries_are_jittered_between_half_a_second_and_thirty(modules: "Page") -> None:
    # rule 10
    low, high, first = run(
        modules,
        """
        const { retryDelay } = await load("shared/connection.js");
        const many = Array.from({ length: 60 }, (_, retries) => retries);
        const all = (random) => many.map((retries) => retryDelay(retries, random));
        return [all(() => 0), all(() => 1), retryDelay(0, () => 0.5)];
        """,
    )

    assert set(low) == {500}
    assert max(high) == 30_000
    assert high == sorted(high)
    assert 500 < first < 2_000


@pytest.mark.parametrize(
    ("body", "links"),
    [
        ("see https://acme.example/a?b=1, please", ["https://acme.example/a?b=1"]),
        ("(https://acme.example/a_(b))", ["https://acme.example/a_(b)"]),
        ("mailto:vera@example.com or http://x.example.", ["mailto:vera@example.com", "http://x.example/"]),
        ("javascript:alert(1) data:text/html,<script>alert(1)</script>", []),
        ("vbscript:x JaVaScRiPt:alert(1) //evil.example ftp://a.example", []),
        ('https://x.example/"onmouseover="alert(1)', ["https://x.example/"]),
        ("<img src=x onerror=alert(1)><a href='https://a.example'>x</a>", ["https://a.example/"]),
        ("詳しくは https://acme.example/テント。どうぞ", ["https://acme.example/%E3%83%86%E3%83%B3%E3%83%88"]),
    ],
)
def test_text_becomes_text_and_only_safe_addresses_become_links(modules: "Page", body: str, links: list[str]) -> None:
    # rule 39
    text, found, elements = run(
        modules,
        """
        const { h, render } = await load("vendor/preact.module.js");
        const { textNodes } = await load("shared/text.js");
        const box = document.createElement("div");
        render(h("p", null, textNodes(input)), box);
        const anchors = [...box.querySelectorAll("a")];
        const safe = (a) => a.rel === "noopener noreferrer nofollow" && a.target === "_blank";
        if (!anchors.every(safe)) throw new Error("rel, target");
        return [box.textContent, anchors.map((a) => a.href), [...box.querySelectorAll("p *")].map((e) => e.localName)];
        """,
        body,
    )

    assert text == body
    assert found == links
    assert set(elements) <= {"a"}


def test_line_breaks_are_kept(modules: "Page") -> None:
    markup = run(
        modules,
        """
        const { h, render } = await load("vendor/preact.module.js");
        const { textNodes } = await load("shared/text.js");
        const box = document.createElement("div");
        render(h("p", null, textNodes(input)), box);
        return box.innerHTML;
        """,
        "one\n\ntwo <b>",
    )

    assert markup == "<p>one<br><br>two &lt;b&gt;</p>"


def test_times_are_the_servers_in_the_readers_language_and_zone(modules: "Page") -> None:
    outcome = run(
        modules,
        """
        const { openClock } = await load("shared/clock.js");
        const now = () => Date.parse("2026-11-22T09:00:00Z");
        const clock = openClock({ language: "nl", timeZone: "Europe/Amsterdam", now });
        clock.observe("2026-11-22T09:30:00Z");
        const days = ["2026-11-22T08:00Z", "2026-11-21T22:30Z", "2026-11-22T23:30Z", "2026-11-24T07:00Z"];
        return [clock.secondsUntil("2026-11-22T09:30:20Z"), clock.time("2026-11-22T09:30:00Z"), days.map(clock.day)];
        """,
    )

    assert outcome == [20, "10:30", ["vandaag", "gisteren", "morgen", "dinsdag"]]


def test_every_brand_colour_gives_readable_text(modules: "Page") -> None:
    chance = random.Random(3)
    brands = ["#000000", "#ffffff", "#ffcc00", "#808080", "#1f6f54", "#123a8c", "#ff0000", "#00ff00"]
    brands += [f"#{chance.randrange(1 << 24):06x}" for _ in range(200)]

    worst = run(
        modules,
        """
        const { brandProperties, contrast } = await load("shared/colours.js");
        const least = { ink: 21, accent: 21, edge: 21 };
        for (const brand of input) {
          const made = brandProperties(brand);
          for (const [scheme, surface] of [["light", "#ffffff"], ["dark", "#1b1e24"]]) {
            const [fill, ink, accent] = ["brand", "on-brand", "accent"].map((name) => made[`--${name}-${scheme}`]);
            least.ink = Math.min(least.ink, contrast(fill, ink));
            least.accent = Math.min(least.accent, contrast(accent, surface));
            least.edge = Math.min(least.edge, contrast(fill, surface));
          }
        }
        return least;
        """,
        brands,
    )

    assert worst["ink"] >= 4.5
    assert worst["accent"] >= 4.5
    assert worst["edge"] >= 3
