"""``manage.py replay [FILE]``: dialogues through the running platform. 1 when anything was lost or mixed up."""

import asyncio
import http.client
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from chatplatform.replay.client import Refused
from chatplatform.replay.dialogues import read_dialogues
from chatplatform.replay.made_up import made_up_dialogues
from chatplatform.replay.platform import DoorClosed, Platform
from chatplatform.replay.run import Replay
from chatplatform.replay.setup import operators_for, prepare_ground
from chatplatform.replay.summary import figures, table

MADE_UP = 100


class Command(BaseCommand):
    help = "Plays recorded dialogues against the running platform and compares every history with what was sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            nargs="?",
            help='recorded dialogues: JSON lines of {"id", "turns": [["visitor" or "operator", text], …]}; '
            "without a file, made-up ones are played",
        )
        parser.add_argument("--limit", type=_positive, help="only so many dialogues")
        parser.add_argument("--concurrency", type=_positive, default=20, help="dialogues at once (20)")
        parser.add_argument("--url", default=f"http://127.0.0.1:{settings.PORT}", help="where the platform listens")
        parser.add_argument("--json", action="store_true", help="print figures for programs")
        parser.add_argument(
            "--keep-going",
            type=float,
            default=0,
            metavar="SECONDS",
            help="start over until so many seconds have passed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            platform = Platform.at(options["url"])
            if options["file"] is None:
                dialogues = made_up_dialogues(options["limit"] or MADE_UP)
            else:
                dialogues = read_dialogues(options["file"], options["limit"])
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        if not dialogues:
            raise CommandError(f"{options['file']} holds no dialogue.")
        concurrency = (
            min(options["concurrency"], len(dialogues)) if not options["keep_going"] else options["concurrency"]
        )
        ground = prepare_ground(operators=operators_for(concurrency), port=platform.port)
        connection.close()  # the sockets need no database
        replay = Replay(
            platform,
            ground,
            dialogues,
            concurrency=concurrency,
            keep_going=options["keep_going"],
            report=self.stderr.write,
        )
        try:
            outcome = asyncio.run(replay.run())
        except (DoorClosed, Refused, OSError, http.client.HTTPException) as error:
            raise CommandError(f"The platform at {options['url']} could not be used: {error}") from error
        numbers = figures(outcome)
        self.stdout.write(json.dumps(numbers) if options["json"] else table(numbers))
        if not outcome.is_good:
            sys.exit(1)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)
