"""``python -m chatplatform.embedded``: what `make run` executes."""

import argparse
import hashlib
import http.client
import importlib
import os
import socket
import sys
import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from chatplatform.embedded import processes
from chatplatform.embedded.errors import StartError
from chatplatform.embedded.folder import OWNER_VARIABLE, DataFolder
from chatplatform.embedded.locale import compile_locale
from chatplatform.embedded.output import Terminal
from chatplatform.embedded.postgres import Postgres
from chatplatform.embedded.redis_server import RedisServer
from chatplatform.embedded.supervisor import StopRequested, Supervisor
from chatplatform.settings.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
SERVICES_READY = "database and redis are ready"
SERVICES_START_SECONDS = 60
PLATFORM_START_SECONDS = 120


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m chatplatform.embedded", description=__doc__)
    parser.add_argument("--services-only", action="store_true", help="start PostgreSQL and Redis, nothing else")
    parser.add_argument(
        "--fast-and-unsafe", action="store_true", help="for tests: a power cut may destroy the database"
    )
    options = parser.parse_args(arguments)
    terminal = Terminal()
    try:
        run = Run(terminal, Environment(), services_only=options.services_only, fast_and_unsafe=options.fast_and_unsafe)
        run.serve()
    except (StartError, ImproperlyConfigured) as error:
        terminal.say(str(error))
        return 1
    return 0


class Run:
    """One run of the platform, from the lock to the last process's end."""

    def __init__(self, terminal: Terminal, env: Environment, *, services_only: bool, fast_and_unsafe: bool) -> None:
        self._terminal = terminal
        self._services_only = services_only
        self._fast_and_unsafe = fast_and_unsafe
        self._port = env.number("PORT", 8000, low=1, high=65535)
        self._server = env.choice("SERVER", processes.SERVERS, "daphne")
        self._own_database = env.text("DATABASE_URL", "") == ""
        self._own_redis = env.text("REDIS_URL", "") == ""
        self._own_mailbox = env.text("EMAIL_HOST", "") == ""
        self._folder = DataFolder(env.path("DATA_DIR", ROOT / ".data"))
        self._addresses = {
            name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name, "") != ""
        }
        environment = {
            **os.environ,
            OWNER_VARIABLE: str(self._folder.path),
            "DATA_DIR": str(self._folder.path),
            "PORT": str(self._port),
            "PYTHONUNBUFFERED": "1",
        }
        self._supervisor = Supervisor(terminal, environment, self._write_services)

    def serve(self) -> None:
        """Blocks until SIGINT or SIGTERM. Raises StartError when something cannot start; nothing is left running."""
        started_at = time.monotonic()
        self._folder.take()
        try:
            self._folder.remove_services()
            if ended := self._folder.end_leftovers():
                self._terminal.say(f"ended {ended} processes that an earlier run left behind")
            if not self._services_only:
                refuse_taken_port(self._port)
            self._supervisor.listen_to_signals()
            self._start_services()
            if not self._services_only:
                self._start_platform(started_at)
            self._supervisor.watch_forever()
        except StopRequested:
            self._terminal.say("stopping")
        finally:
            self._supervisor.stop_all()
            self._folder.end_leftovers()
            self._folder.remove_services()
            self._folder.release()
        self._terminal.say("stopped")

    def _start_services(self) -> None:
        redis = RedisServer(self._folder)
        postgres = Postgres(self._folder, fast_and_unsafe=self._fast_and_unsafe)
        if self._own_redis:
            self._supervisor.start(redis.process())
            self._addresses["REDIS_URL"] = redis.url
        if self._own_database:
            child = self._supervisor.start(postgres.prepare(self._terminal.say))
            self._addresses["DATABASE_URL"] = postgres.url()
            self._supervisor.wait_until(
                lambda: child.pid is not None and postgres.is_ready(child.pid),
                seconds=SERVICES_START_SECONDS,
                what="The database",
            )
            postgres.make_database()
        if self._own_redis:
            self._supervisor.wait_until(redis.is_ready, seconds=SERVICES_START_SECONDS, what="Redis")
        self._supervisor.set_environment(self._addresses)
        self._write_services(self._supervisor.pids())
        self._terminal.say(SERVICES_READY)

    def _start_platform(self, started_at: float) -> None:
        for path in compile_locale():
            self._terminal.say(f"compiled {path.relative_to(ROOT)}")
        self._prepare_content()
        if self._own_mailbox:
            self._start_mailbox()
        for process in processes.platform_processes(
            server=self._server, port=self._port, data_folder=self._folder.path
        ):
            self._supervisor.start(process)
        self._supervisor.wait_until(
            lambda: answers_ready(self._port),
            seconds=PLATFORM_START_SECONDS,
            what=f"http://127.0.0.1:{self._port}/readyz",
            asked_every_seconds=0.3,
        )
        self._terminal.say(f"ready after {time.monotonic() - started_at:.1f} s")
        for line in welcome(self._port):
            self._terminal.say(line)

    def _start_mailbox(self) -> None:
        """On a port that is free now and stays its own: mails wait in the outbox while it starts again."""
        port = free_port()
        self._addresses |= {"EMAIL_PORT": str(port)}
        self._supervisor.set_environment({"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)})
        self._supervisor.start(processes.mailbox(port=port, folder=self._folder.path / "mail"))

    def _prepare_content(self) -> None:
        """Migrations and demo content; skipped when neither code nor own database changed since they were last run."""
        mark = self._folder.path / "prepared"
        wanted = content_digest(ROOT)
        if self._own_database and mark.exists() and mark.read_text() == wanted:
            return
        self._terminal.say("migrating the database")
        self._supervisor.run_to_end(processes.migrate())
        self._terminal.say("loading the demo content")
        self._supervisor.run_to_end(processes.load_demo())
        mark.write_text(wanted)

    def _write_services(self, pids: dict[str, int]) -> None:
        """Rewritten at each start of a child, so that a second terminal (and a test) finds the living ones."""
        values = {**self._addresses, "PORT": str(self._port), "SUPERVISOR_PID": str(os.getpid())}
        values |= {f"{name.upper().replace('-', '_')}_PID": str(pid) for name, pid in pids.items()}
        self._folder.write_services(values)


def refuse_taken_port(port: int) -> None:
    """Raises StartError when something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartError(
                f"Port {port} cannot be used ({error.strerror}). Choose another: make run PORT={port + 1}"
            ) from None


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers_ready(port: int) -> bool:
    """Whether /readyz answers 200. Waits 3 s at most."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def content_digest(root: Path) -> str:
    """Changes when a migration, the demo content or a dependency does."""
    digest = hashlib.sha256()
    for pattern in (
        "requirements.txt",
        "*/migrations/*.py",
        "chatplatform/demo*",
        "*/management/commands/load_demo.py",
    ):
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def welcome(port: int) -> list[str]:
    """The addresses to open and the demo accounts."""
    demo = importlib.import_module("chatplatform.demo")
    lines = ["", *(f"{what:<34} {address}" for what, address in demo.addresses(port)), ""]
    lines += [f"{email:<34} {password:<20} {what}" for email, password, what in demo.LOGINS]
    return [*lines, "", "Ctrl-C stops everything."]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
