"""The figures of a bench as lines for people; docs/benchmarks.md takes them over as they are."""

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
    """Markdown."""
    lines = [f"- {name}: {figures[name]}" for name in ("machine", "versions", "command", "date")]
    lines += [
        "",
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
    screen = figures["first_screen_ms"]
    lines += [
        "",
        f"First message → the operator's screen, through Celery, {screen['conversations']} fresh conversations, "
        f"one at a time: p50 {screen['p50']} ms, p95 {screen['p95']} ms.",
    ]
    return "\n".join(lines)
