"""Background work on the public schema. Safe to run twice."""

from celery import shared_task

from operators.turns import remove_old_turns


@shared_task
def forget_turns_across_organisations() -> None:
    """The daily round: numbers that no live figure reaches back to."""
    remove_old_turns()
