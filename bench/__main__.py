"""``python -m bench [--json FILE] [--only PART] [--clients N]``: what `make bench` executes."""

import argparse
import json
import sys
from pathlib import Path

from bench.machine import TooFewCores
from bench.measure import CLIENTS, PARTS, measure
from bench.report import header, table


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures for programs")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part; may be given again")
    parser.add_argument(
        "--clients",
        type=int,
        default=CLIENTS,
        metavar="N",
        help="reports: clients of 10,000 conversations (%(default)s)",
    )
    options = parser.parse_args(arguments)

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    try:
        figures = {**header(), **measure(options.only or PARTS, options.clients, say)}
    except TooFewCores as error:
        print(error, file=sys.stderr)
        return 1
    print(table(figures))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
