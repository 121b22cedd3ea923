"""Supervisors under test."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.embedded.platform_run import PlatformRun


@pytest.fixture
def start_run(tmp_path: Path) -> Iterator[Callable[..., PlatformRun]]:
    """Start supervisors; whatever still runs at the end is ended."""
    runs: list[PlatformRun] = []

    def start(folder: Path | None = None, *, services_only: bool = True, **environment: str) -> PlatformRun:
        runs.append(PlatformRun(folder or tmp_path / "data", services_only=services_only, environment=environment))
        return runs[-1]

    yield start
    for run in runs:
        run.end()


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that the database's account can walk to even when the tests run as root; pytest's own is private."""
    path = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    path.chmod(0o711)
    yield path
    subprocess.run(["rm", "-rf", str(path)], check=True)
