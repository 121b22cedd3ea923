"""``python -m bench.chaos [FILE]``: dialogues go on while web, worker and Redis are killed. `make chaos` runs it."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.ground import Running, free_port
from chatplatform.embedded.__main__ import PLATFORM_START_SECONDS, ROOT, answers_ready

DIALOGUES = 100
CONCURRENCY = 20
KEEP_GOING_SECONDS = 20
# Which process dies after how many lines of progress (one every two seconds).
VICTIMS = {2: "web", 4: "worker", 6: "redis"}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", help="recorded dialogues; made-up ones without it")
    file: Path | None = parser.parse_args(arguments).file
    folder = Path(tempfile.mkdtemp(prefix="chatplatform-chaos-"))
    folder.chmod(0o711)
    port = free_port()
    environment = {"DATA_DIR": str(folder), "PORT": str(port)}
    for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
        os.environ.pop(name, None)
    try:
        command = [sys.executable, "-m", "chatplatform.embedded"]
        with Running(command, environment, frozenset(os.sched_getaffinity(0)), folder / "platform.log") as platform:
            print("starting the platform", file=sys.stderr)
            platform.wait_until(lambda: answers_ready(port), PLATFORM_START_SECONDS)
            return replay_and_kill(folder, environment, file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def replay_and_kill(folder: Path, environment: dict[str, str], file: Path | None) -> int:
    """0 when nothing was lost, doubled, reordered or mixed up, and every victim was killed on the way."""
    command = [sys.executable, "manage.py", "replay", *([str(file.resolve())] if file else [])]
    command += ["--limit", str(DIALOGUES), "--concurrency", str(CONCURRENCY), "--keep-going", str(KEEP_GOING_SECONDS)]
    replay = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True)
    killed = []
    assert replay.stderr is not None
    for number, line in enumerate(replay.stderr, start=1):
        print(line, end="", file=sys.stderr)
        if number in VICTIMS:
            killed.append(VICTIMS[number])
            kill(folder, VICTIMS[number])
    status = replay.wait()
    if len(killed) < len(VICTIMS):
        print("The dialogues ended before everything was killed: nothing is proven.", file=sys.stderr)
        return 1
    return status


def kill(folder: Path, name: str) -> None:
    """kill -9, as the supervisor's own list names it now."""
    services = dict(line.split("=", 1) for line in (folder / "services.env").read_text().splitlines())
    pid = int(services[f"{name.upper()}_PID"])
    print(f"kill -9 {name} ({pid})", file=sys.stderr)
    os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
