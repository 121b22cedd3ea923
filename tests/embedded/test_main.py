"""The supervisor as a whole: real PostgreSQL, real Redis, real signals."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from chatplatform.embedded.__main__ import content_digest
from tests.embedded.platform_run import PlatformRun, wait_for

pytestmark = pytest.mark.no_database

StartRun = Callable[..., PlatformRun]


def answer(url: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM things").fetchone()
        assert row is not None
        return row[0]


def test_both_services_answer_where_the_services_file_says(start_run: StartRun) -> None:
    run = start_run().wait_ready()
    services = run.services()

    with psycopg.connect(services["DATABASE_URL"]) as connection:
        encoding, locale, timezone = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocale, current_setting('timezone') "
            "FROM pg_database WHERE datname = current_database()"
        ).fetchone() or ("", "", "")

    assert (encoding, locale, timezone) == ("UTF8", "C.UTF-8", "UTC")
    with redis.Redis.from_url(services["REDIS_URL"], socket_timeout=5) as client:
        assert client.ping() is True
    assert services["SUPERVISOR_PID"] == str(run.process.pid)


def test_a_killed_child_is_started_again_and_committed_rows_are_there(start_run: StartRun) -> None:
    run = start_run().wait_ready()
    url = run.services()["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE things AS SELECT 1 AS id")
    before = {name: int(run.services()[name]) for name in ("POSTGRES_PID", "REDIS_PID")}

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    wait_for(lambda: all(int(run.services().get(name, pid)) != pid for name, pid in before.items()), "new processes")
    wait_for(lambda: _connects(url), "the database")
    assert answer(url) == 1
    assert run.says("postgres ended by SIGKILL; starting it again in 0.5 s")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_supervisor_leaves_no_process_and_no_address(start_run: StartRun, number: signal.Signals) -> None:
    run = start_run().wait_ready()
    assert len(run.processes()) >= 2

    run.process.send_signal(number)

    assert run.wait() == 0
    assert run.processes() == []
    assert not (run.folder / "services.env").exists()
    assert run.lines[-1].endswith("stopped")


def test_children_die_with_a_killed_supervisor_and_the_next_start_finds_the_rows(start_run: StartRun) -> None:
    run = start_run().wait_ready()
    with psycopg.connect(run.services()["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE things AS SELECT 1 AS id")

    run.process.kill()
    run.process.wait()
    wait_for(lambda: run.processes() == [], "the children's end", seconds=10)

    again = start_run().wait_ready()
    assert answer(again.services()["DATABASE_URL"]) == 1


def test_a_start_right_after_a_kill_takes_over_from_what_is_still_dying(start_run: StartRun) -> None:
    run = start_run().wait_ready()
    # Stopped processes cannot follow the kernel's signal: leftovers in the plainest sense.
    os.kill(int(run.services()["REDIS_PID"]), signal.SIGSTOP)
    os.kill(int(run.services()["POSTGRES_PID"]), signal.SIGSTOP)
    run.process.kill()
    run.process.wait()
    assert len(run.processes()) >= 2

    again = start_run().wait_ready()

    assert again.says("that an earlier run left behind")
    assert _connects(again.services()["DATABASE_URL"])


def test_a_second_supervisor_on_the_same_folder_is_refused(start_run: StartRun) -> None:
    first = start_run().wait_ready()

    second = start_run()

    assert second.wait() == 1
    assert second.says("already runs on")
    assert second.says("DATA_DIR=")
    assert _connects(first.services()["DATABASE_URL"])


def test_a_second_supervisor_on_another_folder_runs_beside_the_first(start_run: StartRun, tmp_path: Path) -> None:
    first = start_run(tmp_path / "one").wait_ready()
    second = start_run(tmp_path / "two").wait_ready()

    assert first.services()["DATABASE_URL"] != second.services()["DATABASE_URL"]
    assert first.stop() == 0
    assert _connects(second.services()["DATABASE_URL"])


def test_a_taken_port_is_told_before_anything_starts(start_run: StartRun) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]

        run = start_run(services_only=False, PORT=str(port))

        assert run.wait() == 1
    assert run.says(f"Port {port} cannot be used")
    assert run.says("PORT=")
    assert not (run.folder / "postgres").exists()


def test_services_named_in_the_environment_are_used_and_none_is_started(start_run: StartRun, tmp_path: Path) -> None:
    given = start_run(tmp_path / "given").wait_ready().services()

    run = start_run(tmp_path / "own", DATABASE_URL=given["DATABASE_URL"], REDIS_URL=given["REDIS_URL"]).wait_ready()

    assert run.processes() == []
    assert run.services()["DATABASE_URL"] == given["DATABASE_URL"]


def test_the_database_starts_in_a_folder_that_its_account_cannot_walk_to(start_run: StartRun, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs the database as another account")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)

    run = start_run(private / "data").wait_ready()
    url = run.services()["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE things AS SELECT 1 AS id")
        connection.execute("CHECKPOINT")
    assert run.stop() == 0

    assert answer(start_run(private / "data").wait_ready().services()["DATABASE_URL"]) == 1
    assert private.stat().st_mode & 0o777 == 0o700


def test_an_interrupted_first_start_leaves_nothing_half_made(start_run: StartRun) -> None:
    run = start_run()
    wait_for(lambda: (run.folder / "postgres.new").exists() or run.says("are ready"), "the first start")
    run.process.kill()
    run.process.wait()

    assert _connects(start_run().wait_ready().services()["DATABASE_URL"])


def test_a_wrong_setting_is_told_in_one_line(start_run: StartRun) -> None:
    run = start_run(SERVER="apache")

    assert run.wait() == 1
    assert run.lines == ["platform | SERVER=apache is not known. Use one of: daphne, uvicorn."]


def test_the_content_digest_changes_with_a_migration(tmp_path: Path) -> None:
    migrations = tmp_path / "tenants" / "migrations"
    migrations.mkdir(parents=True)
    (migrations / "0001_initial.py").write_text("one")
    before = content_digest(tmp_path)

    (migrations / "0001_initial.py").write_text("two")

    assert content_digest(tmp_path) != before


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
