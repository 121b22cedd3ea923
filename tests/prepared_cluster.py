"""A database cluster with every migration run and the cast in it: made once a day and state of the code, and copied by
whoever starts services for tests. Migrating takes six seconds, copying a third of one.

``python -m tests.prepared_cluster`` makes it ahead.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from chatplatform.embedded.__main__ import ROOT
from tests.servers import Services, new_data_folder

KEPT = ROOT / ".data-tests"
CLUSTER = "postgres"
# Whatever these say may be in a row of it.
SOURCES = (
    "*/migrations/*.py",
    "*/models*.py",
    "*/models/*.py",
    "chatplatform/**/*.py",
    "tenants/**/*.py",
    "operators/**/*.py",
    "requirements.txt",
)
FILL = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate_schemas", executor="standard", verbosity=0)
from chatplatform.demo_content import load_cast
from tenants.models import Website
load_cast()
# They carry the port, which every session has another of.
Website.objects.update(origins=[])
"""


def start_prepared_services() -> Services:
    """PostgreSQL with every migration run and the cast there, and Redis. About a second."""
    folder = new_data_folder()
    with _locked():
        subprocess.run(["cp", "-a", str(_prepared_cluster()), str(folder / CLUSTER)], check=True)
    return Services.start(folder)


@contextmanager
def _locked() -> Iterator[None]:
    KEPT.mkdir(exist_ok=True)
    with (KEPT / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prepared_cluster() -> Path:
    """Today's of this code; those of other code or days are removed."""
    wanted = KEPT / _state()
    if not wanted.exists():
        for older in KEPT.iterdir():
            if older.is_dir():
                shutil.rmtree(older)
        _make(wanted)
    return wanted


def _state() -> str:
    digest = hashlib.sha256()
    sources = {Path(__file__), *(path for pattern in SOURCES for path in ROOT.glob(pattern) if path.is_file())}
    for path in sorted(sources):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return f"{datetime.now(UTC):%Y-%m-%d}-{digest.hexdigest()[:16]}"


def _make(target: Path) -> None:
    services = Services.start()
    try:
        environment = {**os.environ, **services.environment, "DJANGO_SETTINGS_MODULE": "chatplatform.settings.test"}
        subprocess.run([sys.executable, "-c", FILL], cwd=ROOT, env=environment, check=True)
        services.end()
        draft = target.with_suffix(".new")
        shutil.move(services.folder / CLUSTER, draft)
        draft.rename(target)
    finally:
        services.stop()


if __name__ == "__main__":
    with _locked():
        _prepared_cluster()
