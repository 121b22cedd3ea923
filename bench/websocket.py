"""A websocket client that costs next to nothing, so that the server is what is measured.

Text frames only, no extensions. The masking key is zero: the payload goes out as it is, which RFC 6455 allows.
"""

import base64
import os
import select
import socket
import time
from collections.abc import Callable, Iterable

HANDSHAKE_SECONDS = 10.0
READ_BYTES = 256 * 1024
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA


class SocketClosed(Exception):
    """The server closed the socket, or refused to open it."""


class Socket:
    """``takes`` is called with each text frame's payload."""

    def __init__(
        self, port: int, host: str, path: str, takes: "Callable[[Socket, bytes], None]", cookie: str = ""
    ) -> None:
        self.takes = takes
        self._buffer = bytearray()
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=HANDSHAKE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._shake_hands(f"{host}:{port}", path, cookie)
        self._socket.setblocking(False)

    def _shake_hands(self, authority: str, path: str, cookie: str) -> None:
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {authority}",
            f"Origin: http://{authority}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            *([f"Cookie: {cookie}"] if cookie else []),
        ]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._buffer:
            data = self._socket.recv(READ_BYTES)
            if not data:
                raise SocketClosed("no answer to the handshake")
            self._buffer += data
        head, _, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise SocketClosed(head.split(b"\r\n")[0].decode())
        self._buffer = bytearray(rest)

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, payload: bytes, opcode: int = _TEXT) -> None:
        """At most 64 KiB. The kernel's buffer takes it at once: nobody here sends faster than answers come."""
        length = len(payload)
        if length < 126:
            head = bytes((0x80 | opcode, 0x80 | length))
        else:
            head = bytes((0x80 | opcode, 0x80 | 126)) + length.to_bytes(2, "big")
        self._socket.sendall(head + b"\0\0\0\0" + payload)

    def read(self) -> None:
        """Takes what has arrived. Raises SocketClosed."""
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        if not data:
            raise SocketClosed("the connection ended")
        self._buffer += data
        self.take_buffered()

    def take_buffered(self) -> None:
        buffer, at = self._buffer, 0
        while len(buffer) - at >= 2:
            length, head = buffer[at + 1], 2
            if length == 126:
                length, head = int.from_bytes(buffer[at + 2 : at + 4], "big"), 4
            elif length == 127:
                length, head = int.from_bytes(buffer[at + 2 : at + 10], "big"), 10
            if len(buffer) - at < head + length:
                break
            payload = bytes(buffer[at + head : at + head + length])
            opcode = buffer[at] & 0x0F
            at += head + length
            if opcode == _TEXT:
                self.takes(self, payload)
            elif opcode == _PING:
                self.send(payload, _PONG)
            elif opcode == _CLOSE:
                raise SocketClosed(f"close code {int.from_bytes(payload[:2], 'big')}")
        if at:
            del buffer[:at]

    def close(self) -> None:
        self._socket.close()


class Sockets:
    """Waits for many sockets at once."""

    def __init__(self, sockets: Iterable[Socket] = ()) -> None:
        self._epoll = select.epoll()
        self._by_descriptor: dict[int, Socket] = {}
        for one in sockets:
            self.add(one)

    def add(self, one: Socket) -> None:
        self._by_descriptor[one.fileno()] = one
        self._epoll.register(one.fileno(), select.EPOLLIN)
        one.take_buffered()

    def remove(self, one: Socket) -> None:
        self._epoll.unregister(one.fileno())
        del self._by_descriptor[one.fileno()]
        one.close()

    def serve(self, seconds: float) -> None:
        """Waits at most so long, and takes what has arrived by then."""
        for descriptor, _events in self._epoll.poll(max(0.0, seconds)):
            self._by_descriptor[descriptor].read()

    def serve_until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Raises TimeoutError, naming ``what`` did not happen."""
        deadline = time.perf_counter() + seconds
        while not condition():
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{what} did not happen within {seconds:g} s.")
            self.serve(0.1)

    def close(self) -> None:
        for one in self._by_descriptor.values():
            one.close()
        self._by_descriptor.clear()
        self._epoll.close()
