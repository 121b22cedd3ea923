"""``python -m chatplatform.embedded.mailbox PORT FOLDER``: the development mailbox.

A mail server on 127.0.0.1 that delivers nothing: each mail becomes a file in the folder, which the demo websites' host
shows under ``/development/mailbox/``. Production never starts it.
"""

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope

MOST_BYTES = 1024 * 1024
KEPT_MAILS = 500


class Folder:
    """Keeps what arrives as ``<time>-<random>.eml``, the newest 500."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        """aiosmtpd's hook. The mail is whole in the folder before the sender hears that it was taken."""
        name = f"{time.time_ns()}-{uuid4().hex[:8]}"
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        unfinished = self._path / f"{name}.part"
        unfinished.write_bytes(content)
        unfinished.rename(self._path / f"{name}.eml")
        for old in sorted(self._path.glob("*.eml"))[:-KEPT_MAILS]:
            old.unlink(missing_ok=True)
        return "250 Kept"


async def serve(port: int, folder: Path) -> None:
    """Until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    handler = Folder(folder)
    server = await loop.create_server(
        lambda: SMTP(handler, data_size_limit=MOST_BYTES, hostname="mailbox.localhost"), "127.0.0.1", port
    )
    async with server:
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
