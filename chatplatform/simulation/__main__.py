"""``python -m chatplatform.simulation``: one step of a simulation, in a process of its own, on the database that
``DATABASE_URL`` names. ``manage.py simulate_day`` starts it; nobody else needs to.
"""

import json
import sys

import django

django.setup()

from chatplatform.simulation.figures import figures_of  # noqa: E402 - models need Django
from chatplatform.simulation.model import make_day  # noqa: E402
from chatplatform.simulation.run import Run  # noqa: E402
from chatplatform.simulation.staging import set_stage  # noqa: E402
from operators.routing import RULES, choosing_by  # noqa: E402


def main(arguments: list[str]) -> None:
    """``stage SIZE`` fills the database; ``live SIZE RULE`` lives the day and prints its figures as one line."""
    step, size, *rest = arguments
    day = make_day(**json.loads(size))
    if step == "stage":
        set_stage(day)
        return
    [rule] = rest
    run = Run(day, lambda line: print(f"{rule}: {line}", file=sys.stderr, flush=True))  # noqa: T201
    with choosing_by(RULES[rule]):
        lived = run.live()
    print(json.dumps(figures_of(day, lived, run.ends)))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
