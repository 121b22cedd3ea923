"""``manage.py simulate_ratings --seed N --true-effects FILE``: does the analysis find what is really there?"""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ratings.simulation.checking import Check, Checked, check, label
from ratings.simulation.strengths import EXAMPLE, Strengths, UnusableEffects
from ratings.simulation.truth import Truth

HEADER = f"{'driver':56}{'truth':>8}{'found':>8}{'95 %':>20}{'covered':>9}{'rank':>6}{'true':>6}{'named':>7}"


class Command(BaseCommand):
    help = (
        "Makes up rated conversations whose true effects are known, analyses them, and prints each driver's effect"
        " beside the true one. Nothing is stored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--true-effects", type=Path, default=EXAMPLE, metavar="FILE", help="strengths as JSON")
        parser.add_argument("--conversations", type=int, default=20_000, help="rated ones")
        parser.add_argument("--apart", action="store_true", help="also the effects within each purpose")
        parser.add_argument(
            "--silent", action="store_true", help="some visitors do not rate, depending on the mark they would give"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seed"] < 0 or options["conversations"] < 1:
            raise CommandError("The seed is 0 or more, and there is at least one conversation.")
        try:
            strengths = Strengths.read(options["true_effects"])
        except (UnusableEffects, OSError) as error:
            raise CommandError(str(error)) from error
        found = check(
            strengths,
            Truth(strengths),
            options["seed"],
            options["conversations"],
            some_stay_silent=options["silent"],
        )
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(found), "is_ranked_right": found.is_ranked_right}))
            return
        self.stdout.write(_table(found, with_apart=options["apart"]))


def _table(found: Check, *, with_apart: bool) -> str:
    shown = found.checked if with_apart else found.together
    together = found.together
    lines = [f"{found.ratings:,} ratings, seed {found.seed}", HEADER, *(_line(one) for one in shown)]
    lines += [f"{name}: {reason}" for name, reason in found.unjudged.items()]
    covered = sum(one.is_covered for one in together)
    right = "right" if found.is_ranked_right else "wrong"
    return "\n".join([*lines, f"{covered} of {len(together)} covered; the three strongest are ranked {right}"])


def _line(one: Checked) -> str:
    interval = f"{one.low:+.3f} to {one.high:+.3f}"
    marks = f"{one.truth:+8.3f}{one.estimate:+8.3f}{interval:>20}{'yes' if one.is_covered else 'NO':>9}"
    ranks = f"{one.rank or '':>6}{one.true_rank or '':>6}"
    return f"{label(one):56}{marks}{ranks}{'yes' if one.is_named else '':>7}"
