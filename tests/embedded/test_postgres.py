"""The binaries away from home, and the folders an account without rights can walk to."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chatplatform.embedded.errors import StartError
from chatplatform.embedded.folder import DataFolder
from chatplatform.embedded.postgres import Postgres, copy_binaries, installed_binaries
from chatplatform.embedded.privileges import Account, can_reach

pytestmark = pytest.mark.no_database
NOBODY = Account(65534, 65534)


def test_copied_binaries_make_a_cluster_without_their_originals(tmp_path: Path) -> None:
    copied = copy_binaries(installed_binaries(), tmp_path / "copy")
    account = Postgres(DataFolder(tmp_path / "data")).account
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    if account is not None:
        os.chown(cluster, account.uid, account.gid)

    done = subprocess.run(
        [copied / "bin" / "initdb", "-D", cluster, "-U", "postgres", "--locale=C", "--no-sync"],
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (cluster / "PG_VERSION").read_text() == "18\n"


def test_a_copy_is_made_once_and_again_when_the_original_changed(tmp_path: Path) -> None:
    copied = copy_binaries(installed_binaries(), tmp_path / "copy")
    (copied / "bin" / "postgres").unlink()
    copy_binaries(installed_binaries(), tmp_path / "copy")
    assert not (copied / "bin" / "postgres").exists()

    (tmp_path / "copy" / "copied-from").write_text("an older version")
    copy_binaries(installed_binaries(), tmp_path / "copy")

    assert (copied / "bin" / "postgres").exists()


@pytest.mark.parametrize(("mode", "expected"), [(0o711, True), (0o700, False), (0o710, False)])
def test_a_folder_is_reachable_when_every_folder_above_lets_through(tmp_path: Path, mode: int, expected: bool) -> None:
    below = tmp_path / "above" / "below"
    below.mkdir(parents=True)
    below.parent.chmod(mode)

    assert can_reach(below, NOBODY) is expected


def test_a_cluster_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.take()
    cluster = tmp_path / "data" / "postgres"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("17\n")

    with pytest.raises(StartError, match="made by PostgreSQL 17; this is 18"):
        Postgres(folder).prepare(lambda text: None)

    assert [path.name for path in cluster.iterdir()] == ["PG_VERSION"]
    folder.release()


def test_a_runtime_folder_that_somebody_else_put_there_is_refused(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder.runtime.symlink_to(elsewhere)
    try:
        with pytest.raises(StartError, match="belongs to somebody else"):
            folder.take()
    finally:
        folder.runtime.unlink()
        shutil.rmtree(elsewhere)
