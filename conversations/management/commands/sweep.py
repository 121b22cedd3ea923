"""``manage.py sweep``: twice a second, deadlines that came and work whose message was lost. Run two of them.

Needs PostgreSQL alone. Two sweeps read the same rows and never do the same thing twice: each step takes the
conversation's lock without waiting for it and looks again. Clocks that are struck alone go through two lanes. What
waits for other people's servers (mail) goes through a thread of its own, so that no deadline waits for it.
"""

import functools
import logging
import random
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection

from conversations.services.sweeping import (
    Lane,
    strike_lane_once,
    sweep_once,
    sweep_slow_work_once,
    watch_thresholds_once,
)
from tenants.services import record_pulse

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.5
LANES = 2


class Command(BaseCommand):
    help = "Strikes due clocks and does work that is due, twice a second, until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        self._stopped = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._stop)
        time.sleep(random.uniform(0, TICK_SECONDS / 2))  # noqa: S311 - two sweeps started together drift apart
        # The thread does not keep the process from ending: half done work is found again.
        threading.Thread(target=self._repeat, args=[sweep_slow_work_once], name="slow-work", daemon=True).start()
        for number in range(1, LANES):
            work = functools.partial(strike_lane_once, Lane(number, LANES))
            threading.Thread(target=self._repeat, args=[work], name=f"lane-{number}", daemon=True).start()
        # Counting a whole day's turns keeps no deadline waiting.
        threading.Thread(target=self._repeat, args=[watch_thresholds_once], name="alerts", daemon=True).start()
        self._repeat(_sweep_and_tell)

    def _repeat(self, sweep: Callable[[], object]) -> None:
        while not self._stopped.is_set():
            started = time.monotonic()
            try:
                sweep()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("A sweep was missed: %s", type(error).__name__)
                connection.close()
            except Exception:
                logger.exception("A sweep failed; the next one comes in a moment.")
            self._stopped.wait(max(0.0, TICK_SECONDS - (time.monotonic() - started)))

    def _stop(self, *_signal: Any) -> None:
        self._stopped.set()


def _sweep_and_tell() -> None:
    sweep_once(Lane(0, LANES))
    record_pulse("sweep")
