"""A small day through the real services and SQL, in databases of its own."""

import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
import psycopg
import pytest
from django.conf import settings

from chatplatform.simulation.scratch import address, scratch_databases
from chatplatform.simulation.steps import StepFailed, live_days

PATIENCE_SECONDS = 60.0
SIZE = {"organisations": 2, "operators": 3, "conversations": 20, "seed": 1, "reoffer_seconds": 15}


@functools.cache
def same_day_twice() -> list[dict[str, Any]]:
    with scratch_databases() as scratch:
        return live_days(scratch, SIZE, ["present", "present"], processes=2)


def databases() -> set[str]:
    with psycopg.connect(address("postgres")) as connection:
        return {str(name) for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_the_same_seed_lives_the_same_day_again() -> None:
    first, again = same_day_twice()

    assert first == again


def test_every_conversation_is_accounted_for_and_none_is_in_two_hands() -> None:
    [day, _] = same_day_twice()

    assert day["conversations"] == day["expected"] == SIZE["conversations"]
    assert day["turned_away"] == 0
    assert day["in_two_hands"] == 0
    assert 0 < day["highest_load"] <= 1
    assert day["first"]["turns"] == SIZE["conversations"]
    assert day["nobody_took"] <= day["nobody_answered"] < 20


def test_promises_and_work_were_counted_by_the_platform() -> None:
    [day, _] = same_day_twice()

    assert day["first"]["kept"] > 10
    assert day["follow_up"]["kept"] > 20
    assert day["first"]["due"] <= day["first"]["turns"]
    assert day["first"]["p50"] <= day["first"]["p90"] <= day["first"]["p99"]
    assert day["sweeps"] > 0
    assert 0 < day["busy_share"] < 1


def test_nothing_is_left_of_the_databases_even_when_a_step_fails() -> None:
    with pytest.raises(StepFailed), scratch_databases() as scratch:
        live_days(scratch, {"seed": 1}, ["present"], processes=1)

    assert not [name for name in databases() if name.startswith(f"simulation_{os.getpid()}")]


def test_a_simulation_that_is_stopped_leaves_no_process_and_no_database() -> None:
    command = [sys.executable, "manage.py", "simulate_day", "--organisations", "1", "--operators", "2"]
    running = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert until(lambda: any(str(running.pid) in name for name in databases()))
    [step] = steps_of(running.pid)

    running.send_signal(signal.SIGTERM)
    _, errors = running.communicate(timeout=PATIENCE_SECONDS)

    assert running.returncode != 0
    assert b"Its databases are gone" in errors
    assert not psutil.pid_exists(step)
    assert not any(str(running.pid) in name for name in databases())


def steps_of(pid: int) -> list[int]:
    assert until(lambda: bool(psutil.Process(pid).children()))
    return [child.pid for child in psutil.Process(pid).children()]


def until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
