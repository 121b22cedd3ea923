"""Background work on the public schema. Safe to run twice."""

from celery import shared_task

from operators.attendance import remove_old_attendance
from operators.follow_ups import forget_done_follow_ups
from operators.half_hours import count_half_hours, remove_old_half_hours
from operators.turns import remove_old_turns


@shared_task
def forget_turns_across_organisations() -> None:
    """The daily round: what no live figure or list reaches back to."""
    remove_old_turns()
    remove_old_attendance()
    remove_old_half_hours()
    forget_done_follow_ups()


@shared_task
def count_half_hours_across_organisations() -> None:
    """Twice an hour: what the half hours of the desk held."""
    count_half_hours()
