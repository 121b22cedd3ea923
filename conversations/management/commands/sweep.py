"""``manage.py sweep``: once a second, deadlines that came and work whose message was lost. Run two of them.

Needs PostgreSQL alone. Two sweeps read the same rows and never do the same thing twice: each step takes the
conversation's lock without waiting for it and looks again.
"""

import logging
import random
import signal
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection

from conversations.services.sweeping import sweep_once
from tenants.services import record_pulse

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0


class Command(BaseCommand):
    help = "Strikes due clocks and offers waiting conversations, once a second, until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        self._running = True
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._stop)
        time.sleep(random.uniform(0, TICK_SECONDS / 2))  # noqa: S311 - two sweeps started together drift apart
        while self._running:
            started = time.monotonic()
            try:
                sweep_once()
                record_pulse("sweep")
            except (DatabaseError, InterfaceError) as error:
                logger.warning("A sweep was missed: %s", type(error).__name__)
                connection.close()
            time.sleep(max(0.0, TICK_SECONDS - (time.monotonic() - started)))

    def _stop(self, *_signal: Any) -> None:
        self._running = False
