"""One replay: log the operators in, play the dialogues, read every history back and compare."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from chatplatform.replay.client import Counters, Refused
from chatplatform.replay.comparison import Differences, compare_history
from chatplatform.replay.dialogues import Dialogue
from chatplatform.replay.operator import Operator
from chatplatform.replay.platform import Login, Platform, log_in
from chatplatform.replay.play import Play, Plays
from chatplatform.replay.reading import read_as_operator, read_as_visitor
from chatplatform.replay.setup import Ground
from chatplatform.replay.summary import Outcome
from chatplatform.replay.visitor import Visitor

PATIENCE_SECONDS = 180.0
WELCOME_SECONDS = 30.0
READERS = 4
PROGRESS_SECONDS = 2.0


class Replay:
    """``keep_going`` starts over with the first dialogue until so many seconds have passed."""

    def __init__(
        self,
        platform: Platform,
        ground: Ground,
        dialogues: Sequence[Dialogue],
        *,
        concurrency: int,
        keep_going: float = 0,
        report: Callable[[str], None],
    ) -> None:
        self._platform = platform
        self._ground = ground
        self._dialogues = dialogues
        self._concurrency = concurrency
        self._keep_going = keep_going
        self._report = report
        self._plays = Plays()
        self._counters = Counters()
        self._differences = Differences()

    async def run(self) -> Outcome:
        """Raises DoorClosed or Refused when the operators cannot work at all."""
        logins = [
            await asyncio.to_thread(log_in, self._platform, self._ground.desk, email, self._ground.password)
            for email in self._ground.emails
        ]
        operators = [
            Operator(self._platform, self._ground.desk, login, self._plays, self._counters) for login in logins
        ]
        serving = [asyncio.create_task(operator.serve()) for operator in operators]
        progress = asyncio.create_task(self._report_progress())
        try:
            await self._wait_for_welcomes(operators, serving)
            started_at = time.perf_counter()
            work = self._work(started_at)
            await asyncio.gather(*(self._play_each(work) for _ in range(self._concurrency)))
            seconds = time.perf_counter() - started_at
        finally:
            progress.cancel()
            for operator in operators:
                await operator.leave()
            results = await asyncio.gather(*serving, return_exceptions=True)
        for result in results:
            if isinstance(result, Refused):
                raise result
        await self._compare(logins, operators)
        return Outcome(self._plays, self._counters, self._differences, seconds)

    async def _wait_for_welcomes(self, operators: list[Operator], serving: list[asyncio.Task[None]]) -> None:
        welcomes = asyncio.gather(*(operator.is_welcome.wait() for operator in operators))
        first: list[asyncio.Future[Any]] = [welcomes, *serving]
        await asyncio.wait(first, timeout=WELCOME_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not welcomes.done():
            welcomes.cancel()
            for task in serving:
                if task.done():
                    task.result()
            raise TimeoutError(f"The operators were not welcomed within {WELCOME_SECONDS:.0f} s.")

    def _work(self, started_at: float) -> Iterator[Play]:
        for number in count():
            if number >= len(self._dialogues) and time.perf_counter() - started_at >= self._keep_going:
                return
            play = Play(self._dialogues[number % len(self._dialogues)], self._ground.sites[number % 2])
            self._plays.add(play)
            yield play

    async def _play_each(self, work: Iterator[Play]) -> None:
        for play in work:
            visitor = Visitor(self._platform, play, self._plays, self._counters)
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await visitor.converse()
            except TimeoutError:
                self._report(
                    f"dialogue {play.dialogue.id} is stuck after {len(play.sent_at)} messages (conversation "
                    f"{play.conversation} of {play.site.slug})"
                )
            except Refused as refused:
                self._counters.refused[refused.code] += 1

    async def _compare(self, logins: Sequence[Login], operators: Sequence[Operator]) -> None:
        ours = {play.conversation for play in self._plays.all}
        for operator in operators:
            self._differences.foreign.update(operator.seen - operator.left_over - ours)
        numbered = enumerate(self._plays.all)
        await asyncio.gather(*(self._compare_each(numbered, logins) for _ in range(READERS)))

    async def _compare_each(self, numbered: Iterator[tuple[int, Play]], logins: Sequence[Login]) -> None:
        for number, play in numbered:
            # What a stuck dialogue never came to is not lost: the dialogue counts as unfinished.
            sent = [message for position, message in enumerate(play.sent()) if position in play.sent_at]
            self._differences.foreign.update(play.seen_by_visitor - {play.conversation})
            if play.conversation is None:
                self._differences.lost.update(message.cid for message in sent)
                continue
            login = logins[number % len(logins)]
            views = (
                await asyncio.to_thread(read_as_visitor, self._platform, play),
                await asyncio.to_thread(read_as_operator, self._platform, self._ground.desk, login, play),
            )
            for facts in views:
                self._differences.add(compare_history(play.conversation, sent, facts))

    async def _report_progress(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            plays = self._plays.all
            self._report(
                f"{sum(play.is_finished for play in plays)} of {max(len(plays), len(self._dialogues))} dialogues, "
                f"{sum(len(play.sent_at) for play in plays)} messages, {self._counters.reconnects} reconnects"
            )
