"""Whether the analysis of satisfaction can be believed: many made-up data sets with known truth, with effects and with
none, with visitors who stay silent; and how long it takes."""

import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ratings.analysis import analyse_drivers
from ratings.analysis.results import two_sided_z
from ratings.simulation.checking import Check, check
from ratings.simulation.strengths import EXAMPLE, Strengths
from ratings.simulation.truth import Truth
from ratings.simulation.visitors import draw_ratings

SEEDS = 100
CONVERSATIONS = 20_000
SILENT_SEEDS, SILENT_CONVERSATIONS = 20, 60_000
SIZES = (20_000, 200_000, 1_000_000)
EVERY = 10
MEGABYTE = 1024 * 1024


def satisfaction(report: Callable[[str], None]) -> dict[str, Any]:
    """About three minutes. Seeds are 1 to 100 in every part."""
    strengths = Strengths.read(EXAMPLE)
    report("the time an analysis takes")
    speed = [_speed(strengths, size) for size in SIZES]
    report("the true effects")
    truth = Truth(strengths)
    effects = _checks("effects", strengths, truth, SEEDS, CONVERSATIONS, report)
    silent = _checks("silent visitors", strengths, truth, SILENT_SEEDS, SILENT_CONVERSATIONS, report, silent=True)
    shares = {name: round(share, 3) for name, share in truth.shares().items()}
    marks = float(truth.marks.mean())
    del truth
    noise = _checks("pure noise", Strengths.none(), Truth(Strengths.none()), SEEDS, CONVERSATIONS, report)
    return {
        "seeds": SEEDS,
        "conversations": CONVERSATIONS,
        "speed": speed,
        "true_shares": shares,
        "effects": _coverage(effects),
        "ranked_right": sum(one.is_ranked_right for one in effects),
        "noise": {
            **_coverage(noise),
            "false_names": sum(bool(one.names_without_effect) for one in noise),
            "false_names_on_the_page": sum(
                bool(one.names_without_effect or one.names_without_effect_apart) for one in noise
            ),
        },
        "silent": _silent(silent, marks, strengths),
    }


def _checks(
    name: str,
    strengths: Strengths,
    truth: Truth,
    seeds: int,
    conversations: int,
    report: Callable[[str], None],
    *,
    silent: bool = False,
) -> list[Check]:
    found = []
    for seed in range(1, seeds + 1):
        found.append(check(strengths, truth, seed, conversations, some_stay_silent=silent))
        if seed % EVERY == 0:
            covered = _coverage(found)["together"]["covered"]
            report(f"{name}: {seed} of {seeds} seeds, {covered:.1%} covered")
    return found


def _coverage(checks: Sequence[Check]) -> dict[str, Any]:
    """Over all contrasts, together and within purposes; per driver the share covered and in marks the mean error, the
    mean standard error that intervals tell of, and the one that is found between data sets. ``by_chance`` is the
    standard error of the share covered: contrasts of one data set err together."""
    drivers: dict[str, list[tuple[bool, float, float, bool]]] = defaultdict(list)
    for one in checks:
        for row in one.together:
            key = f"purpose {row.better:g}" if row.driver == "purpose" else row.driver
            error = (row.high - row.low) / 2 / two_sided_z()
            drivers[key].append((row.is_covered, row.estimate - row.truth, error, row.is_named))
    each = [np.mean([row.is_covered for row in one.together]) for one in checks]
    apart = [row.is_covered for one in checks for row in one.apart]
    rows = [row for found in drivers.values() for row in found]
    return {
        "together": {
            "covered": float(np.mean([row[0] for row in rows])),
            "by_chance": float(np.std(each) / np.sqrt(len(each))),
            "contrasts": len(rows),
        },
        "apart": {"covered": float(np.mean(apart)) if apart else None, "contrasts": len(apart)},
        "drivers": {
            name: {
                "covered": round(float(np.mean([row[0] for row in found])), 3),
                "mean_error": round(float(np.mean([row[1] for row in found])), 4),
                "standard_error": round(float(np.mean([row[2] for row in found])), 4),
                "scatter": round(float(np.std([row[1] for row in found], ddof=1)), 4),
                "named": sum(row[3] for row in found),
            }
            for name, found in drivers.items()
        },
    }


def _silent(checks: Sequence[Check], mean_of_all: float, strengths: Strengths) -> dict[str, Any]:
    heard = draw_ratings(1, SILENT_CONVERSATIONS, strengths, some_stay_silent=True)
    truths = {one.driver: one.truth for one in checks[0].together if one.driver != "purpose"}
    found = _coverage(checks)
    return {
        "answered": round(float(np.mean([one.ratings for one in checks])) / SILENT_CONVERSATIONS, 3),
        "mean_of_all": round(mean_of_all, 2),
        "mean_of_raters": round(float(heard.mark.mean()), 2),
        "covered": found["together"]["covered"],
        "drivers": {
            name: {"truth": round(truth, 3), "mean_error": found["drivers"][name]["mean_error"]}
            for name, truth in truths.items()
        },
    }


def _speed(strengths: Strengths, size: int) -> dict[str, Any]:
    """Seconds of the second of two analyses, and the most memory one had at once beside its input."""
    data = draw_ratings(1, size, strengths)
    for _ in range(2):
        started_at = time.perf_counter()
        analyse_drivers(data)
        seconds = time.perf_counter() - started_at
    tracemalloc.start()
    try:
        analyse_drivers(data)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return {"conversations": size, "seconds": round(seconds, 2), "megabytes": round(most / MEGABYTE, 1)}
