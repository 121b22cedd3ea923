"""The figures of a bench as lines for people; docs/benchmarks.md takes them over as they are."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bench.machine import command_line, machine_line, versions_line


def header() -> dict[str, str]:
    return {
        "machine": machine_line(),
        "versions": versions_line(),
        "command": command_line(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def table(figures: dict[str, Any]) -> str:
    """Markdown, of the parts that were measured."""
    lines = [f"- {name}: {figures[name]}" for name in ("machine", "versions", "command", "date")]
    for part, show in _PARTS.items():
        if part in figures:
            lines += ["", *show(figures)]
    return "\n".join(lines)


def _messages(figures: dict[str, Any]) -> list[str]:
    lines = [
        "| server | messages/s on one core | messages per CPU second | × baseline | 100/s: p50, p99 (ms), undelivered "
        "| busy cores: server, services, clients |",
        "|---|---|---|---|---|---|",
    ]
    messages, delivery = figures["messages"], figures["delivery_ms"]
    for name, one in messages.items():
        baseline = messages[f"baseline on {name.rpartition(' ')[2]}"]
        ratios = " / ".join(f"{one[kind] / baseline[kind]:.1f}" for kind in ("per_second", "per_server_cpu_second"))
        busy = ", ".join(f"{one['busy_cores'][part]:.2f}" for part in ("server", "services", "clients"))
        latency = ", ".join(str(delivery[name][part]) for part in ("p50", "p99", "undelivered"))
        rates = " | ".join(f"{one[kind]:,.0f}" for kind in ("per_second", "per_server_cpu_second"))
        lines.append(f"| {name} | {rates} | {ratios} | {latency} | {busy} |")
    return lines


def _first_screen(figures: dict[str, Any]) -> list[str]:
    screen = figures["first_screen_ms"]
    return [
        f"First message → the operator's screen, through Celery, {screen['conversations']} fresh conversations, "
        f"one at a time: p50 {screen['p50']} ms, p95 {screen['p95']} ms."
    ]


def _asking(figures: dict[str, Any]) -> list[str]:
    asked = figures["asking_ms"]
    heard, seen = (
        f"p50 {one['p50']} ms, p95 {one['p95']} ms, at most {one['p100']} ms" for one in (asked["heard"], asked["seen"])
    )
    return [
        f"Closing key → the question for a mark in the visitor's sight, in Chromium, {asked['rounds']} conversations, "
        f"one at a time: {seen}; the widget's socket heard of it after {heard}."
    ]


def _crowd(figures: dict[str, Any]) -> list[str]:
    lines = [
        "| a crowd at once | until all places are taken (s) | assigned, waiting, still offered "
        "| in two hands, wrong stretches, above capacity, below capacity |",
        "|---|---|---|---|",
    ]
    for part, name in (("crowd", "one worker"), ("crowd_and_a_killed_worker", "two workers, one killed")):
        one = figures[part]
        outcome = ", ".join(str(one[key]) for key in ("assigned", "waiting", "still_offered"))
        wrong = ", ".join(
            str(one[key]) for key in ("in_two_hands", "wrong_stretches", "above_capacity", "below_capacity")
        )
        who = f"{one['visitors']} visitors, {one['places']} places, {name}"
        lines.append(f"| {who} | {one['seconds_until_full']} | {outcome} | {wrong} |")
    return lines


def _offers(figures: dict[str, Any]) -> list[str]:
    lines = [
        "| one offer | organisations, operators, running conversations | candidates | p50, p95 (ms) |",
        "|---|---|---|---|",
    ]
    for name in ("small", "large"):
        one = figures["offer_ms"][name]
        size = ", ".join(f"{one[key]:,}" for key in ("organisations", "operators", "running"))
        lines.append(f"| {name} desk | {size} | {one['candidates']} | {one['p50']}, {one['p95']} |")
    return [*lines, "", f"Large over small, medians: {figures['offer_ms']['ratio']}."]


def _lateness(figures: dict[str, Any]) -> list[str]:
    lines = [
        "| deadlines | step | late by p50, p99, at most (s) | lost, doubled |",
        "|---|---|---|---|",
    ]
    names = {"lateness": "one of two sweeps killed", "lateness_over_a_restart": "PostgreSQL killed"}
    steps = {"warned": "warned", "offered_again": "offered again or alerted", "broken": "broken"}
    for part, name in names.items():
        for step, label in steps.items():
            one = figures[part][step]
            late = ", ".join(str(one[key]) for key in ("p50", "p99", "latest"))
            lines.append(
                f"| {figures[part]['clocks']} clocks, {name} | {label} | {late} | {one['lost']}, {one['doubled']} |"
            )
    changed = " and ".join(str(figures[part]["changed_hands"]) for part in names)
    return [*lines, "", f"Changed hands before they were broken: {changed}."]


def _suggestions(figures: dict[str, Any]) -> list[str]:
    found = figures["suggestions"]
    lines = [
        "| one suggestion | first reading (s), in memory (MB) | p50, p95 (ms) | PostgreSQL's ts_rank p50, p95 (ms) "
        "| p95 × baseline |",
        "|---|---|---|---|---|",
    ]
    for one in found["sizes"]:
        ours, theirs = one["ours"], one["postgres"]
        size = f"{one['first_reading_seconds']}, {one['megabytes']}"
        times = f"{ours['p50']}, {ours['p95']} | {theirs['p50']}, {theirs['p95']} | {ours['p95'] / theirs['p95']:.1f}"
        lines.append(f"| {one['articles']:,} articles | {size} | {times} |")
    seen, memory = found["change_seen_seconds"], found["memory"]
    return [
        *lines,
        "",
        f"A published article is suggested after {seen['p50']} s (median), {seen['latest']} s at the latest.",
        "",
        f"{memory['organisations']} organisations of {memory['articles']} articles, asked one after the other: at most "
        f"{memory['most_megabytes']} of {memory['allowed_megabytes']} MB are held, the process grew by "
        f"{memory['process_megabytes']} MB; {memory['remembered']} organisations are remembered at the end, "
        f"{memory['kilobytes_each']} kB each; a first question took {memory['first_reading_ms']['p50']} ms (p95 "
        f"{memory['first_reading_ms']['p95']} ms).",
    ]


def _satisfaction(figures: dict[str, Any]) -> list[str]:
    found = figures["satisfaction"]
    effects, noise, silent = found["effects"], found["noise"], found["silent"]
    seeds = found["seeds"]
    together, apart = effects["together"], effects["apart"]
    lines = [
        f"{seeds} made-up data sets of {found['conversations']:,} ratings. 95 % intervals hold the truth in "
        f"{together['covered']:.1%} (standard error {together['by_chance']:.1%}) of {together['contrasts']:,} "
        f"(within purposes in {apart['covered']:.1%} of {apart['contrasts']:,}); the three strongest drivers are "
        f"ranked right in {found['ranked_right']}. In pure noise a false driver is named in "
        f"{noise['false_names']} of {seeds}, counting those within one purpose in "
        f"{noise['false_names_on_the_page']}; intervals hold nought in {noise['together']['covered']:.1%} "
        f"(within purposes {noise['apart']['covered']:.1%}).",
        "",
        "| driver | covered | mean error | standard error told, found "
        "| named, in noise | true share | error with silence |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in effects["drivers"].items():
        named = f"{one['named']}, {noise['drivers'][name]['named'] if name in noise['drivers'] else ''}"
        errors = f"{one['mean_error']:+.3f} | {one['standard_error']:.3f}, {one['scatter']:.3f}"
        silence = f"{silent['drivers'][name]['mean_error']:+.3f}" if name in silent["drivers"] else ""
        share = found["true_shares"].get(name.partition(" ")[0], "")
        lines.append(f"| {name} | {one['covered']:.0%} | {errors} | {named} | {share} | {silence} |")
    speed = "; ".join(f"{one['conversations']:,}: {one['seconds']} s, {one['megabytes']} MB" for one in found["speed"])
    return [
        *lines,
        "",
        f"With silent visitors ({silent['answered']:.0%} rate) the mean mark is {silent['mean_of_raters']} instead of "
        f"{silent['mean_of_all']}, and intervals hold all visitors' truth in {silent['covered']:.0%}.",
        "",
        f"One analysis, with the most memory beside its input: {speed}.",
    ]


def _reports(figures: dict[str, Any]) -> list[str]:
    found = figures["reports"]
    lines = [
        f"{found['clients']} clients, {found['conversations']:,} conversations over 60 days, {found['gigabytes']} GB, "
        f"written in {found['writing_seconds']} s.",
        "",
        "| the nightly run, one worker process | reports | seconds, per ten clients "
        "| worker's memory at start, at most (MB) | busy cores: worker, services |",
        "|---|---|---|---|---|",
    ]
    names = {"missed": "everything was missed", "night": "a day, a week and a month end"}
    for part, one in found["nights"]["runs"].items():
        seconds = f"{one['seconds']}, {one['seconds_per_ten_clients']}"
        memory = f"{one['megabytes_at_start']}, {one['megabytes_at_most']}"
        busy = f"{one['busy_cores']['worker']:.2f}, {one['busy_cores']['services']:.2f}"
        name = f"{one['clients']} clients, {names[part.partition(' ')[0]]}"
        lines.append(f"| {name} | {one['reports']} | {seconds} | {memory} | {busy} |")
    queries = found["nights"]["queries"]
    lines += [
        "",
        f"To look what is due takes {queries['looking']} queries and {found['nights']['looking_seconds']} s for ten "
        f"clients; to build a report {queries['building']} queries, to find it unchanged {queries['unchanged']}.",
        "",
        "| a page of a client with 10,000 conversations | p50, p95 (ms) | queries, with 100 conversations | kB |",
        "|---|---|---|---|",
    ]
    for one in found["pages"]["overview"]:
        queries = f"{one['queries']}, {one['queries_of_a_small_client']}"
        lines.append(f"| overview, {one['page']} | {one['p50']}, {one['p95']} | {queries} | {one['kilobytes']} |")
    front = found["pages"]["platform"]
    lines.append(
        f"| the platform's front page | {front['p50']}, {front['p95']} | {front['queries']} | {front['kilobytes']} |"
    )
    lines += ["", "| figures of a period | p50, p95 (ms) | counted in Python (ms) | × baseline |", "|---|---|---|---|"]
    for one in found["pages"]["figures"]:
        ours, python = one["ours"], one["python"]["p50"]
        period = f"{one['days']} days, {one['conversations']:,} conversations"
        lines.append(f"| {period} | {ours['p50']}, {ours['p95']} | {python:,.0f} | {python / ours['p50']:.0f} |")
    return lines


_PARTS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "messages": _messages,
    "first_screen_ms": _first_screen,
    "asking_ms": _asking,
    "crowd": _crowd,
    "offer_ms": _offers,
    "lateness": _lateness,
    "suggestions": _suggestions,
    "satisfaction": _satisfaction,
    "reports": _reports,
}
