"""Background work on the public schema. Safe to run twice."""

from celery import shared_task

from operators.follow_ups import forget_done_follow_ups
from operators.turns import remove_old_turns


@shared_task
def forget_turns_across_organisations() -> None:
    """The daily round: what no live figure or list reaches back to."""
    remove_old_turns()
    forget_done_follow_ups()
