"""Celery's tasks: the schema first, safe to run twice, and never in the way when Redis is gone."""

import inspect
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from uuid import uuid4

import pytest
from celery import Task

from chatplatform.celery import app
from conversations import tasks
from operators.selectors import OperatorRef
from tenants.errors import NotFound
from tests.cast import acme, globex
from tests.conversations.scene import conversation_row, everything_about, lay_conversation

Hire = Callable[..., OperatorRef]

# Enqueues while Redis is gone or hangs; prints the slowest call's seconds and what was counted within the patience.
ENQUEUE = """
import time, uuid
import django
django.setup()
from conversations import tasks
slowest = 0.0
for _ in range({count}):
    started = time.monotonic()
    tasks.enqueue_offer("o_acme", uuid.uuid4())
    slowest = max(slowest, time.monotonic() - started)
until = time.monotonic() + {patience}
while tasks.failures["enqueue"] < {count} and time.monotonic() < until:
    time.sleep(0.05)
print(slowest, tasks.failures["enqueue"])
"""


def enqueue_without_redis(redis_url: str, *, count: int, patience: float) -> tuple[float, int]:
    """(seconds of the slowest call, failures counted) in a process of its own, which ends by itself."""
    script = ENQUEUE.format(count=count, patience=patience)
    environment = {**os.environ, "REDIS_URL": redis_url, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=20, check=True
    )
    slowest, counted = done.stdout.split()[-2:]
    return float(slowest), int(counted)


def own_tasks() -> list[Task]:
    return [task for name, task in app.tasks.items() if name.startswith("conversations.tasks.")]


def test_the_task_offers_and_a_second_run_changes_nothing(hire: Hire) -> None:  # rule 19
    operator, conversation = hire(globex()), lay_conversation(globex())

    tasks.offer(globex().schema_name, str(conversation.id))
    before = everything_about(globex(), conversation.id)
    tasks.offer(globex().schema_name, str(conversation.id))

    assert conversation_row(globex(), conversation.id).operator_id == operator.id
    assert everything_about(globex(), conversation.id) == before


def test_a_task_in_the_wrong_organisation_finds_nothing(hire: Hire) -> None:  # rules 17, 19
    hire(acme(), globex())
    conversation = lay_conversation(globex())
    before = everything_about(globex(), conversation.id)

    tasks.offer(acme().schema_name, str(conversation.id))
    tasks.offer("o_nowhere", str(conversation.id))
    tasks.offer("public", str(conversation.id))

    assert everything_about(globex(), conversation.id) == before


def test_every_task_names_its_schema_or_says_that_it_crosses_organisations() -> None:  # rule 19
    assert own_tasks()
    for task in own_tasks():
        if task.name.endswith("_across_organisations"):
            assert not inspect.signature(task.run).parameters
        else:
            first = next(iter(inspect.signature(task.run).parameters.values()))
            assert (first.name, first.default) == ("schema_name", inspect.Parameter.empty)


def test_a_task_without_its_schema_refuses_to_run() -> None:  # rule 19
    conversation = lay_conversation(globex())
    before = everything_about(globex(), conversation.id)

    with pytest.raises(TypeError):
        tasks.offer()
    with pytest.raises(TypeError):
        tasks.offer.delay()
    with pytest.raises(NotFound):
        tasks.remove_unsent("")

    assert everything_about(globex(), conversation.id) == before


def test_fast_paths_that_cannot_be_sent_are_counted_and_hold_nobody_up() -> None:  # rules 11, 25
    slowest, counted = enqueue_without_redis("redis://127.0.0.1:1/0", count=5, patience=5)

    assert slowest < 0.2
    assert counted == 5


def test_a_redis_that_never_answers_holds_nobody_up() -> None:  # rules 11, 25, 29
    with socket.create_server(("127.0.0.1", 0)) as silent:
        slowest, _ = enqueue_without_redis(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", count=20, patience=0.5)

    assert slowest < 0.2


def test_an_operator_with_nothing_waiting_sends_nothing() -> None:
    lost = tasks.failures["enqueue"]

    tasks.enqueue_waiting_offers(uuid4())

    assert tasks.failures["enqueue"] == lost
