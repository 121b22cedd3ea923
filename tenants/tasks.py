"""Background work on the public schema. Each is safe to run twice."""

from celery import shared_task

from tenants.services import provision_waiting, record_pulse


@shared_task
def record_worker_pulse() -> None:
    """Proves that a worker does work: ``/readyz`` looks at it."""
    record_pulse("worker")


@shared_task
def provision_waiting_organisations() -> None:
    """Finds organisations whose schema was never finished, and finishes it."""
    provision_waiting()


@shared_task
def provision_organisation(slug: str) -> None:
    """The fast path of the same work."""
    provision_waiting(slug)
