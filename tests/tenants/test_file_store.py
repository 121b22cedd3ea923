"""Files on the disk: private, by their row's id, and gone a day after nothing names them (rule 40)."""

import os
import time
from pathlib import Path
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from tenants.context import OrganisationRef
from tenants.file_store import file_path, remove_files_without_row, write_file
from tenants.identifiers import uuid7
from tenants.models import AuditRecord
from tests.cast import acme, globex

FOLDER = "papers"


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def written(
    file_id: UUID, more: str = "", *, hours_ago: float = 25, organisation: OrganisationRef | None = None
) -> Path:
    path = file_path(organisation or acme(), FOLDER, file_id)
    path = path.with_name(path.name + more)
    write_file(path, b"x")
    os.utime(path, (time.time() - hours_ago * 3600,) * 2)
    return path


def test_a_file_is_the_platforms_alone_and_written_once(tmp_path: Path) -> None:
    file_id = uuid7()
    path = file_path(acme(), FOLDER, file_id)

    write_file(path, b"first")
    with pytest.raises(FileExistsError):
        write_file(path, b"second")

    assert path == tmp_path / "o_acme" / FOLDER / file_id.hex[-2:] / str(file_id)
    assert (path.read_bytes(), path.stat().st_mode & 0o077, path.parent.stat().st_mode & 0o077) == (b"first", 0, 0)


def test_what_no_row_names_goes_after_a_day_and_the_second_round_finds_nothing(tmp_path: Path) -> None:
    row = AuditRecord.objects.create(action="test.kept")  # any table whose keys are ids
    named, young = written(row.pk), written(uuid7(), hours_ago=23)
    gone = [written(uuid7()), written(uuid7(), ".new"), written(uuid7(), "left by hand")]
    elsewhere = written(uuid7(), organisation=globex())

    assert kept(tmp_path) == sorted([named, young, elsewhere, *gone])
    assert remove_files_without_row(acme(), FOLDER, AuditRecord.objects.all()) == len(gone)
    assert remove_files_without_row(acme(), FOLDER, AuditRecord.objects.all()) == 0
    assert kept(tmp_path) == sorted([named, young, elsewhere])
