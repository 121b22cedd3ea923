"""Numbers of turns are kept for days. Who is responsible is proved in tests/conversations/test_promises.py."""

from datetime import timedelta
from uuid import uuid4

from operators.models import TurnRecord
from operators.tasks import forget_turns_across_organisations
from operators.turns import record_turns
from tenants.clock import platform_now
from tests.cast import acme


def turn(days_ago: int) -> TurnRecord:
    return TurnRecord(
        id=uuid4(),
        organisation_id=acme().id,
        conversation_id=uuid4(),
        kind="first",
        outcome="broken",
        opened_at=platform_now() - timedelta(days=days_ago),
    )


def test_numbers_older_than_eight_days_are_forgotten_and_the_others_kept() -> None:
    kept, forgotten = turn(7), turn(9)
    record_turns([kept, forgotten])

    forget_turns_across_organisations()
    forget_turns_across_organisations()

    assert list(TurnRecord.objects.filter(pk__in=[kept.pk, forgotten.pk])) == [kept]


def test_a_turn_that_was_broken_is_completed_when_it_is_settled() -> None:
    broken = turn(0)
    record_turns([broken])
    broken.settled_at, broken.waited_seconds = broken.opened_at + timedelta(seconds=40), 40.0

    record_turns([broken])

    stored = TurnRecord.objects.get(pk=broken.pk)
    assert (stored.outcome, stored.settled_at, stored.waited_seconds) == ("broken", broken.settled_at, 40.0)
