"""Who could be chosen, and what the desk and the queue read."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from conversations.services.closing import leave_conversation
from conversations.services.offering import take_conversation
from operators.candidates import candidates_for
from operators.models import Presence, QueueEntry
from operators.presence import set_presence
from operators.routing import PRESENT, Wanted
from operators.selectors import (
    OperatorRef,
    inbox_of,
    load_of,
    operators_by_id,
    organisations_served_by,
    queue_row,
    tops_of,
    waiting_for,
)
from tenants.clock import clock_moved
from tenants.context import in_organisation
from tenants.models import Organisation, StaffRole, User
from tenants.services import create_account
from tests.cast import acme, globex, olga, omar
from tests.conversations.scene import append, asked, lay_conversation

Hire = Callable[..., OperatorRef]


def chosen_among(*operators: OperatorRef, language: str = "en") -> list[str]:
    """Names of those of these operators that Globex could choose, best first."""
    wanted = {one.id: one.name for one in operators}
    ranked = PRESENT.ranked(candidates_for(globex(), Wanted(language=language)))
    return [wanted[one.operator.id] for one in ranked if one.operator.id in wanted]


def hold(operator: OperatorRef, count: int) -> None:
    for _ in range(count):
        in_organisation(globex(), take_conversation, operator, lay_conversation(globex()).id, uuid4())


def test_an_operator_with_many_conversations_is_one_candidate_with_their_whole_load(hire: Hire) -> None:
    operator = hire(acme(), globex(), capacity=10)
    hold(operator, 3)
    in_organisation(acme(), take_conversation, operator, lay_conversation(acme()).id, uuid4())

    [candidate] = [one for one in candidates_for(globex(), Wanted(language="en")) if one.operator.id == operator.id]

    assert (candidate.load, load_of(operator.id)) == (400, 4)
    assert candidate.idle_seconds is not None
    assert 0 < candidate.idle_seconds < 30


def test_candidates_cost_one_query(hire: Hire, django_assert_num_queries: Callable[[int], object]) -> None:
    for _ in range(3):
        hold(hire(globex()), 1)
    organisation = globex()
    candidates_for(organisation, Wanted(language="en"))  # the connection is back in the public schema

    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        candidates_for(organisation, Wanted(language="en"))


def test_language_comes_first_then_load_then_idleness(hire: Hire) -> None:
    busy = hire(globex(), name="Busy", capacity=4)
    hold(busy, 2)
    calm = hire(globex(), name="Calm", capacity=4)
    hold(calm, 1)
    fresh = hire(globex(), name="Fresh", capacity=4)
    dutch = hire(globex(), name="Dutch", languages=("nl",))

    assert chosen_among(busy, calm, fresh, dutch) == ["Fresh", "Calm", "Busy", "Dutch"]
    assert chosen_among(busy, calm, fresh, dutch, language="nl")[0] == "Dutch"


def test_who_is_full_away_unheard_inactive_or_no_operator_any_more_cannot_be_chosen(hire: Hire) -> None:
    there = hire(globex(), name="There")
    full = hire(globex(), name="Full", capacity=1)
    hold(full, 1)
    away = hire(globex(), name="Away")
    set_presence(away.id, Presence.State.AWAY)
    never_came = hire(globex(), name="Never", is_present=False)
    elsewhere = hire(acme(), name="Elsewhere")
    left = hire(globex(), name="Left")
    User.objects.filter(pk=left.id).update(is_active=False)
    promoted = hire(globex(), name="Promoted")
    StaffRole.objects.filter(user_id=promoted.id).update(role=StaffRole.Role.SUPERVISOR)

    assert chosen_among(there, full, away, never_came, elsewhere, left, promoted) == ["There"]
    with clock_moved(timedelta(seconds=46)):
        assert chosen_among(there) == []


def test_the_inbox_holds_what_waits_and_ones_own_the_most_urgent_first(hire: Hire) -> None:
    operator, colleague = hire(globex()), hire(globex())
    later, urgent, own, theirs, ended, foreign = (
        *(lay_conversation(globex()) for _ in range(2)),
        lay_conversation(globex(), operator=operator),
        lay_conversation(globex(), operator=colleague),
        lay_conversation(globex()),
        lay_conversation(acme()),
    )
    with clock_moved(timedelta(seconds=2)):
        append(globex(), asked(urgent))
    with clock_moved(timedelta(seconds=4)):
        append(globex(), asked(own))
    with clock_moved(timedelta(seconds=6)):
        append(globex(), asked(later))
    in_organisation(globex(), leave_conversation, ended.visitor_id, ended.id, uuid4())
    laid = {one.id for one in (later, urgent, own, theirs, ended, foreign)}

    rows = [row for row in inbox_of(operator.id, [globex().id]) if row.conversation_id in laid]

    assert [row.conversation_id for row in rows] == [urgent.id, own.id, later.id]
    assert [(row.state, row.operator_id) for row in rows] == [
        ("waiting", None),
        ("assigned", operator.id),
        ("waiting", None),
    ]
    assert {(row.organisation_slug, row.schema_name, row.promise_kind) for row in rows} == {
        ("globex", globex().schema_name, "first")
    }
    assert rows[0] == queue_row(urgent.id)


def test_ones_own_conversation_leaves_the_inbox_with_the_posting(hire: Hire) -> None:  # rule 17
    operator = hire(globex())
    own = lay_conversation(globex(), operator=operator)

    assert own.id in {row.conversation_id for row in inbox_of(operator.id, [globex().id])}
    assert inbox_of(operator.id, [acme().id]) == [
        row for row in inbox_of(operator.id, [acme().id]) if row.state == "waiting"
    ]
    assert inbox_of(operator.id, []) == []


def test_tops_are_read_for_all_organisations_at_once(django_assert_num_queries: Callable[[int], object]) -> None:
    first, second = lay_conversation(acme(), operator=olga()), lay_conversation(globex(), operator=olga())
    append(acme(), asked(first), asked(first))
    tops_of([first.id])  # the connection is back in the public schema

    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        tops = tops_of([first.id, second.id, uuid4()])

    assert tops == {first.id: 2, second.id: 0}


def test_what_waits_for_an_operator_is_of_their_organisations_and_the_oldest_first(hire: Hire) -> None:
    QueueEntry.objects.filter(state="waiting").delete()
    operator = hire(globex())
    waiting = [lay_conversation(globex()) for _ in range(3)]
    lay_conversation(acme())
    lay_conversation(globex(), operator=operator)

    assert waiting_for(operator.id) == [(globex().schema_name, one.id) for one in waiting]
    assert waiting_for(operator.id, limit=2) == waiting_for(operator.id)[:2]
    assert waiting_for(uuid4()) == []


def test_an_operator_serves_active_organisations_they_are_posted_to() -> None:
    assert [one.slug for one in organisations_served_by([olga().id]).get(olga().id, [])] == ["acme", "globex"]
    assert [one.slug for one in organisations_served_by([omar().id]).get(omar().id, [])] == ["acme"]

    Organisation.objects.filter(slug="globex").update(state=Organisation.State.PROVISIONING)
    try:
        served = [one.slug for one in organisations_served_by([olga().id]).get(olga().id, [])]
    finally:
        Organisation.objects.filter(slug="globex").update(state=Organisation.State.ACTIVE)
    assert served == ["acme"]


def test_who_is_no_operator_and_what_is_not_queued_is_not_found() -> None:
    sam = create_account("sam-nobody@desk.example", "Sam", "quiet-green-canal", staff_roles=[StaffRole.Role.SUPERVISOR])

    assert operators_by_id([sam.pk, olga().id, uuid4()]) == {olga().id: olga()}
    assert queue_row(uuid4()) is None
