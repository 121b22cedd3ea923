"""Celery's fast path. Each task takes the schema first, refuses to run without it, and is safe to run twice.

What it does has a row already (``operators.DueWork``); when a message is lost the sweep does the same. So one thread of
its own sends them: a Redis that does not answer (up to 30 s for each) keeps no other work waiting.
"""

import functools
import logging
import queue
import threading
from uuid import UUID

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from conversations.services import mailing
from conversations.services.attachments import remove_unsent_attachments
from conversations.services.offering import offer_conversation
from conversations.services.unanswered import collect_turns
from knowledgebase.services.documents import remove_left_over_documents
from knowledgebase.services.gaps import close_answered, group_turns
from operators.selectors import waiting_for
from tenants.context import in_organisation
from tenants.errors import NotFound
from tenants.selectors import active_organisations, organisation_by_schema

logger = logging.getLogger(__name__)

failures = {"enqueue": 0}
"""How many fast paths were lost since this process started: the sweep took those over."""

MAX_UNSENT = 1000


@shared_task
def offer(schema_name: str, conversation_id: str) -> None:
    """Offers a waiting conversation to an operator."""
    try:
        in_organisation(organisation_by_schema(schema_name), offer_conversation, UUID(conversation_id))
    except NotFound:
        logger.info("A conversation to offer is gone.")


@shared_task
def send_mail(schema_name: str, mail_id: str) -> None:
    """Sends a mail of the outbox."""
    in_organisation(organisation_by_schema(schema_name), mailing.send_mail, UUID(mail_id))


@shared_task
def remove_unsent(schema_name: str) -> None:
    """Removes images that were uploaded but never sent, and files of documents that no article has any more."""
    organisation = organisation_by_schema(schema_name)
    in_organisation(organisation, remove_unsent_attachments)
    in_organisation(organisation, remove_left_over_documents)


@shared_task
def remove_unsent_across_organisations() -> None:
    """The daily round. One organisation's trouble keeps nobody else's files."""
    for organisation in active_organisations():
        remove_unsent.delay(organisation.schema_name)


@shared_task
def collect_gaps(schema_name: str) -> None:
    """Finds what no article answered since the last round, groups it, and closes the gaps that are answered by now.
    Raises NotFound for an unknown schema."""
    organisation = organisation_by_schema(schema_name)
    while in_organisation(organisation, collect_turns):
        pass
    while in_organisation(organisation, group_turns):
        pass
    in_organisation(organisation, close_answered)


@shared_task
def collect_gaps_across_organisations() -> None:
    """The regular round. One organisation's trouble keeps nobody else's gaps."""
    for organisation in active_organisations():
        collect_gaps.delay(organisation.schema_name)


def enqueue_offer(schema_name: str, conversation_id: UUID) -> None:
    """Sends the task, soon. Never raises, never waits."""
    _enqueue(offer, schema_name, str(conversation_id))


def enqueue_waiting_offers(operator_id: UUID) -> None:
    """This operator may have room now: offers what is most urgent in their organisations. Never raises; one query."""
    for schema_name, conversation_id in waiting_for(operator_id):
        enqueue_offer(schema_name, conversation_id)


def enqueue_mail(schema_name: str, mail_id: UUID) -> None:
    """Sends the task, soon. Never raises, never waits."""
    _enqueue(send_mail, schema_name, str(mail_id))


def _enqueue(task: "Task[..., None]", *arguments: str) -> None:
    try:
        _unsent().put_nowait((task, arguments))
    except queue.Full:
        failures["enqueue"] += 1


@functools.cache
def _unsent() -> "queue.Queue[tuple[Task[..., None], tuple[str, ...]]]":
    """What is to be sent, and the thread that sends it. The thread does not keep the process from ending."""
    unsent: queue.Queue[tuple[Task[..., None], tuple[str, ...]]] = queue.Queue(MAX_UNSENT)
    threading.Thread(target=_send, args=[unsent], name="fast-path", daemon=True).start()
    return unsent


def _send(unsent: "queue.Queue[tuple[Task[..., None], tuple[str, ...]]]") -> None:
    while True:
        task, arguments = unsent.get()
        try:
            task.apply_async(arguments, retry=False, ignore_result=True)
        except (OperationalError, OSError) as error:
            failures["enqueue"] += 1
            logger.warning("A task was not sent, the sweep will find its row: %s", type(error).__name__)
        except Exception:
            failures["enqueue"] += 1
            logger.exception("A task was not sent, the sweep will find its row.")
