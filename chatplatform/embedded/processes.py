"""The platform's processes, each declared once. docker-compose.yml runs the same commands; a test compares them."""

import signal
import sys
from pathlib import Path

from chatplatform.embedded.process import Process

# Websocket frames may have 64 KiB (the consumers refuse more, politely); the server stops reading at this.
_LONGEST_FRAME_BYTES = 256 * 1024
DRAIN_SECONDS = 20
SERVERS = ("daphne", "uvicorn")


def web(*, server: str, host: str, port: int) -> Process:
    """The web server. daphne serves development, uvicorn production: it applies back-pressure and drains."""
    if server == "uvicorn":
        arguments = [
            "uvicorn", "chatplatform.asgi:application", "--host", host, "--port", str(port),
            "--ws", "websockets-sansio", "--ws-max-size", str(_LONGEST_FRAME_BYTES),
            "--ws-per-message-deflate", "false", "--loop", "uvloop", "--http", "httptools",
            "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", str(DRAIN_SECONDS),
        ]  # fmt: skip
    else:
        # Verbosity 0: no line per request, warnings only.
        arguments = ["daphne", "-v", "0", "-b", host, "-p", str(port), "chatplatform.asgi:application"]
    return Process(name="web", command=_python("-m", *arguments), stop_seconds=DRAIN_SECONDS + 5)


def worker(*, queues: str, concurrency: int, name: str = "worker") -> Process:
    """A Celery worker. On SIGTERM it ends its running tasks first; what is lost when killed, a sweep finds."""
    return Process(
        name=name,
        # The demo on a bare machine runs as root, and Celery's six lines about it would hide ours.
        environment={"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"},
        command=_python(
            "-m", "celery", "--quiet", "-A", "chatplatform", "worker", "-Q", queues, "--concurrency", str(concurrency),
            "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
        ),
        stop_seconds=20,
    )  # fmt: skip


def sweep(*, name: str = "sweep") -> Process:
    """Settles due deadlines twice a second; two run, so that the loss of one changes nothing."""
    return Process(name=name, command=_python("manage.py", "sweep"))


def beat(*, schedule: Path) -> Process:
    """Sends periodic tasks; never run two."""
    return Process(
        name="beat",
        command=_python(
            "-m", "celery", "--quiet", "-A", "chatplatform", "beat", "--schedule", str(schedule), "--pidfile=",
            "--loglevel", "WARNING",
        ),
    )  # fmt: skip


def mailbox(*, port: int, folder: Path) -> Process:
    """Development only: keeps every mail in a folder."""
    return Process(name="mailbox", command=_python("-m", "chatplatform.embedded.mailbox", str(port), str(folder)))


def migrate() -> Process:
    """The public schema first, then every organisation's."""
    return Process(
        name="migrate",
        command=_python("manage.py", "migrate_schemas", "--executor=standard", "--verbosity", "1"),
        stop_signal=signal.SIGINT,
    )


def load_demo() -> Process:
    return Process(name="demo", command=_python("manage.py", "load_demo"), stop_signal=signal.SIGINT)


def platform_processes(*, server: str, port: int, data_folder: Path) -> list[Process]:
    """What `make run` starts once the database is ready."""
    return [
        web(server=server, host="127.0.0.1", port=port),
        worker(queues="default,routing,reports", concurrency=2),
        sweep(name="sweep-1"),
        sweep(name="sweep-2"),
        beat(schedule=data_folder / "beat-schedule"),
    ]


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)
