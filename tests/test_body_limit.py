"""A request's body is bounded before anything is stored."""

import socket
from collections.abc import Callable

from django.conf import settings

from tests.servers import WebServer

CHUNK = b"x" * 65_536


def answer_to(server: WebServer, headers: str, chunks: int, frame: Callable[[bytes], bytes]) -> tuple[bytes, int]:
    """(status line, bytes that could be sent) of a POST whose body comes in chunks."""
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        head = f"POST /api/desk/commands HTTP/1.1\r\nHost: desk.localhost:{server.port}\r\n{headers}\r\n\r\n"
        connection.sendall(head.encode())
        try:
            for _ in range(chunks):
                connection.sendall(frame(CHUNK))
                sent += len(CHUNK)
        except OSError:  # the server has hung up
            pass
        try:
            return connection.recv(4096).split(b"\r\n")[0], sent
        except OSError:
            return b"", sent


def chunked(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def test_a_body_announced_as_too_long_is_refused_before_it_is_read(web_server: WebServer) -> None:
    status, _sent = answer_to(web_server, f"Content-Length: {settings.REQUEST_MAX_BYTES + 1}", 0, bytes)

    assert b" 413 " in status


def test_a_body_that_does_not_say_how_long_it_is_is_read_to_the_bound(web_server: WebServer) -> None:
    chunks = 40 * settings.REQUEST_MAX_BYTES // len(CHUNK)

    status, sent = answer_to(web_server, "Transfer-Encoding: chunked", chunks, chunked)

    assert b" 413 " in status or status == b""  # the answer may be lost when the server hangs up on a sender
    assert sent < settings.REQUEST_MAX_BYTES * 20


def test_daphne_hands_a_request_over_whole_and_the_answer_is_the_same(start_web: Callable[..., WebServer]) -> None:
    chunks = settings.REQUEST_MAX_BYTES // len(CHUNK) + 1

    status, _sent = answer_to(start_web(server="daphne"), f"Content-Length: {chunks * len(CHUNK)}", chunks, bytes)

    assert b" 413 " in status


def test_a_body_within_the_bound_reaches_its_view(web_server: WebServer) -> None:
    status, _sent = answer_to(web_server, f"Content-Length: {4 * len(CHUNK)}", 4, bytes)

    assert b" 413 " not in status
    assert status.startswith(b"HTTP/1.1 4")
