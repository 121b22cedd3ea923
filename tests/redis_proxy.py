"""A Redis in bad shape: a proxy that loses, doubles and shuffles what was published, and can go away."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SHUFFLE_SECONDS = 0.05


@dataclass
class RedisProxy:
    """Set ``loses`` to the share of published messages that never arrive; the rest then arrives twice, in any order."""

    target: str
    loses: float = 0.0
    lost: int = 0
    doubled: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def go_away(self) -> None:
        """Refuses connections and breaks those that are there."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _open_target(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.target)
        if parts.scheme == "unix":
            return await asyncio.open_unix_connection(parts.path)
        return await asyncio.open_connection(parts.hostname, parts.port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        redis_reader, redis_writer = await self._open_target()
        self._writers |= {writer, redis_writer}
        ways = [
            asyncio.ensure_future(_pass_on(reader, redis_writer)),
            asyncio.ensure_future(self._pass_back(redis_reader, writer)),
        ]
        with contextlib.suppress(asyncio.CancelledError):  # the test is over
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*ways, return_exceptions=True)
        for one in (writer, redis_writer):
            one.transport.abort()
            self._writers.discard(one)

    async def _pass_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pool: list[bytes] = []

        async def shuffle() -> None:
            while True:
                await asyncio.sleep(SHUFFLE_SECONDS)
                random.shuffle(pool)
                writer.write(b"".join(pool))
                pool.clear()

        shuffling = asyncio.ensure_future(shuffle())
        try:
            while True:
                value = await _value(reader)
                if not self.loses or b"\r\nmessage\r\n" not in value[:20]:
                    writer.write(value)
                elif random.random() < self.loses:
                    self.lost += 1
                else:
                    self.doubled += 1
                    pool += [value, value]
        finally:
            shuffling.cancel()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(64 * 1024):
        writer.write(data)


async def _value(reader: asyncio.StreamReader) -> bytes:
    """One whole RESP 2 value, as it came."""
    line = await reader.readuntil(b"\r\n")
    if line[:1] == b"$" and line != b"$-1\r\n":
        return line + await reader.readexactly(int(line[1:]) + 2)
    if line[:1] == b"*":
        return line + b"".join([await _value(reader) for _ in range(int(line[1:]))])
    return line


@contextlib.asynccontextmanager
async def redis_proxy(target: str) -> AsyncIterator[RedisProxy]:
    proxy = RedisProxy(target)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.go_away()
