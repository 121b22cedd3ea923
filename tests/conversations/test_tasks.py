"""Celery's tasks: the schema first, safe to run twice, and never in the way when Redis is gone."""

import inspect
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from celery import Task
from django.conf import settings

from chatplatform.celery import app
from conversations import tasks
from operators.selectors import OperatorRef
from tenants.errors import NotFound
from tests.cast import acme, globex
from tests.conversations.scene import conversation_row, everything_about, lay_conversation

Hire = Callable[..., OperatorRef]

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def no_broker() -> Iterator[None]:
    """Celery looks for Redis where none is. Its connections are made anew before and after."""
    before = app.conf.broker_url
    app.conf.broker_url = NOBODY_LISTENS
    app.set_default()
    _forget_connections()
    yield
    app.conf.broker_url = before
    _forget_connections()


def _forget_connections() -> None:
    app.pool.force_close_all()
    app._pool = None
    app.amqp._producer_pool = None


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


def test_a_fast_path_that_cannot_be_sent_is_counted_and_raises_nothing(no_broker: None) -> None:  # rule 11
    assert app.conf.broker_url != settings.CELERY_BROKER_URL
    conversation = lay_conversation(globex())
    before = everything_about(globex(), conversation.id)
    lost = tasks.failures["enqueue"]

    tasks.enqueue_offer(globex().schema_name, conversation.id)

    assert tasks.failures["enqueue"] == lost + 1
    assert everything_about(globex(), conversation.id) == before


def test_an_operator_with_nothing_waiting_sends_nothing(no_broker: None) -> None:
    lost = tasks.failures["enqueue"]

    tasks.enqueue_waiting_offers(uuid4())

    assert tasks.failures["enqueue"] == lost
