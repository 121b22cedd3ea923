"""The wallboard's numbers, against slow counting, and the conversations behind them."""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from conversations.models import Conversation, Promise
from conversations.services.closing import leave_conversation
from operators.drill import Number, Question, conversations_behind
from operators.models import Presence, TurnRecord
from operators.presence import record_beats, set_presence
from operators.selectors import OperatorRef
from operators.wallboard import GONE, Board, Share, Wallboard, day_start, read_board, recent_board, wallboard_of
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.selectors import active_organisations
from tests.cast import acme, globex
from tests.conversations.scene import answered, append, asked, lay_conversation, promises_of
from tests.desk_people import clear_desk

Hire = Callable[..., OperatorRef]


def lay_turn(
    organisation: OrganisationRef, outcome: str, *, kind: str = "first", ago: timedelta = timedelta(), **more: object
) -> TurnRecord:
    """A decided turn that began this long ago."""
    opened = platform_now() - ago
    settled = None if outcome == "broken" else opened
    return TurnRecord.objects.create(
        id=uuid4(),
        organisation_id=organisation.id,
        conversation_id=uuid4(),
        kind=kind,
        outcome=outcome,
        opened_at=opened,
        settled_at=settled,
        **more,
    )


@pytest.fixture
def turns(noon: timedelta) -> Iterator[None]:
    """A noon without a turn yet: what other tests left began before."""
    before = set(TurnRecord.objects.values_list("pk", flat=True))
    TurnRecord.objects.filter(opened_at__gte=day_start(platform_now())).update(
        opened_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    yield
    TurnRecord.objects.exclude(pk__in=before).delete()


@pytest.fixture
def clear(noon: timedelta) -> None:
    """A live queue with nothing of other tests in it."""
    clear_desk()


def counted_slowly(organisation: OrganisationRef, known: Collection[UUID]) -> dict[str, object]:
    """The live numbers from the organisation's own tables, conversation by conversation of these."""

    def count(_organisation: OrganisationRef) -> dict[str, object]:
        now = platform_now()
        open_ones = [one for one in Conversation.objects.filter(pk__in=known) if one.state != "closed"]
        promises = [
            promise
            for one in open_ones
            for promise in Promise.objects.filter(conversation=one, settled_at__isnull=True, paused_from__isnull=True)
        ]
        return {
            "waiting": sum(one.state == "waiting" for one in open_ones),
            "held": sum(one.state == "assigned" for one in open_ones),
            "running": len(promises),
            "warned": sum(one.warn_at <= now < one.due_at for one in promises),
            "overdue": sum(one.due_at <= now for one in promises),
            "waits_since": min((one.opened_at for one in promises), default=None),
        }

    return in_organisation(organisation, count)


def live_numbers(board: Board, slug: str | None) -> dict[str, object]:
    live = wallboard_of(board, slug).live
    return {name: getattr(live, name) for name in live.__slots__}


def test_the_live_numbers_are_those_of_the_organisations_own_tables(clear: None, hire: Hire) -> None:
    olga = hire(acme(), globex(), capacity=50)
    waiting = lay_conversation(acme())
    held = lay_conversation(acme(), operator=olga)
    calm = lay_conversation(globex(), operator=olga)
    append(acme(), asked(waiting))
    append(acme(), asked(held), asked(held))
    append(globex(), asked(calm))
    append(globex(), answered(calm, olga))
    known = [waiting.id, held.id, calm.id]

    for later in (0, 15, 40):
        with clock_moved(timedelta(seconds=later)):
            board = read_board()
            slow = {one.slug: counted_slowly(one, known) for one in active_organisations()}
            for slug, numbers in slow.items():
                assert live_numbers(board, slug) == numbers, (slug, later)
            whole = live_numbers(board, None)
            for name in ("waiting", "held", "running", "warned", "overdue"):
                assert whole[name] == sum(numbers[name] for numbers in slow.values()), name  # type: ignore[misc]
            begun = [numbers["waits_since"] for numbers in slow.values() if numbers["waits_since"]]
            assert whole["waits_since"] == min(begun)  # type: ignore[type-var]


def test_a_board_costs_the_same_whatever_the_number_of_clients(
    hire: Hire, django_assert_num_queries: Callable[[int], object]
) -> None:
    hire(acme(), globex())
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        board = read_board()
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        wallboard_of(board, None)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        wallboard_of(board, "acme")


def test_shares_are_of_decided_turns_of_the_platforms_day(turns: None) -> None:
    lay_turn(acme(), "kept")
    lay_turn(acme(), "kept", ago=timedelta(hours=11, minutes=59))
    lay_turn(acme(), "kept", ago=timedelta(hours=13))  # yesterday
    lay_turn(acme(), "broken")
    lay_turn(acme(), "broken", kind="follow_up")
    lay_turn(acme(), "abandoned")
    lay_turn(globex(), "kept", kind="follow_up")

    board = read_board()

    whole, acmes = wallboard_of(board, None), wallboard_of(board, "acme")
    assert (whole.kept.first, whole.kept.follow_up, whole.kept.all) == (Share(2, 3), Share(1, 2), Share(3, 5))
    assert (acmes.kept.first, acmes.kept.follow_up, acmes.kept.all) == (Share(2, 3), Share(0, 1), Share(2, 4))
    assert {line.slug: line.kept for line in whole.clients if line.slug in ("acme", "globex")} == {
        "acme": Share(2, 4),
        "globex": Share(1, 1),
    }


def test_half_hours_reach_from_midnight_to_now_without_a_hole(turns: None) -> None:
    lay_turn(acme(), "kept", ago=timedelta(hours=3))
    lay_turn(acme(), "broken", kind="follow_up", ago=timedelta(hours=3))
    lay_turn(acme(), "abandoned")

    board = wallboard_of(read_board(), None)

    assert [one.starts_at for one in board.half_hours] == [
        board.day_started_at + timedelta(minutes=30 * index) for index in range(len(board.half_hours))
    ]
    assert board.half_hours[-1].starts_at <= board.now < board.half_hours[-1].starts_at + timedelta(minutes=30)
    filled = [(one.begun, one.kept, one.broken, one.ended) for one in board.half_hours if one.begun or one.broken]
    assert filled == [(1, 1, 1, 0), (1, 0, 0, 1)]


@pytest.mark.parametrize(
    ("now", "hours"), [("2026-03-29T21:30:00+00:00", 23.5 - 1), ("2026-10-25T22:30:00+00:00", 23.5 + 1)]
)
def test_the_day_begins_at_midnight_also_when_the_clock_changes(now: str, hours: float) -> None:
    moment = datetime.fromisoformat(now)

    began = day_start(moment)

    assert began.astimezone(ZoneInfo("Europe/Amsterdam")).strftime("%H:%M") == "00:00"
    assert (moment - began.astimezone(UTC)).total_seconds() / 3600 == hours


def line_of(operator: OperatorRef, board: Wallboard) -> tuple[str, int, int] | None:
    found = [one for one in board.operators if one.id == operator.id]
    return (found[0].state, found[0].held, found[0].held_here) if found else None


def test_an_operator_who_was_not_heard_is_gone_and_still_shown_with_what_they_hold(hire: Hire) -> None:
    olga, omar, idle = hire(acme(), globex()), hire(acme(), name="Omar"), hire(acme(), name="Ida")
    lay_conversation(acme(), operator=olga)
    lay_conversation(globex(), operator=olga)
    lay_conversation(acme(), operator=omar)
    set_presence(omar.id, Presence.State.AWAY)
    Presence.objects.filter(operator_id=idle.id).update(seen_at=platform_now() - timedelta(days=2))

    here = read_board()
    with clock_moved(timedelta(seconds=46)):
        record_beats([omar.id])
        later = read_board()

    assert line_of(olga, wallboard_of(here, None)) == ("available", 2, 2)
    assert line_of(olga, wallboard_of(here, "globex")) == ("available", 2, 1)
    assert line_of(omar, wallboard_of(here, None)) == ("away", 1, 1)
    assert line_of(omar, wallboard_of(here, "globex")) is None
    assert line_of(idle, wallboard_of(here, None)) is None
    assert line_of(olga, wallboard_of(later, None)) == (GONE, 2, 2)
    assert line_of(omar, wallboard_of(later, None)) == ("away", 1, 1)


def behind(question: Question) -> list[UUID]:
    return [line.conversation for line in conversations_behind(question).conversations]


def test_behind_each_live_number_are_as_many_conversations(clear: None, hire: Hire) -> None:
    olga = hire(acme(), capacity=50)
    waiting, held = lay_conversation(acme()), lay_conversation(acme(), operator=olga)
    append(acme(), asked(waiting))
    append(acme(), asked(held))

    with clock_moved(timedelta(seconds=15)):
        live = wallboard_of(read_board(), "acme").live
        for number in (Number.WAITING, Number.HELD, Number.RUNNING, Number.WARNED, Number.OVERDUE):
            answer = conversations_behind(Question(number=number, organisation="acme"))
            assert answer.total == getattr(live, number.value), number
            assert {line.organisation for line in answer.conversations} <= {"acme"}

    assert waiting.id in behind(Question(number=Number.WAITING))
    assert behind(Question(number=Number.HELD, operator=olga.id)) == [held.id]
    assert waiting.id not in behind(Question(number=Number.HELD))
    running = conversations_behind(Question(number=Number.RUNNING, organisation="acme")).conversations
    assert [line.waits_since for line in running] == sorted(line.waits_since for line in running)  # type: ignore[type-var]


def test_behind_a_share_are_its_turns(turns: None, hire: Hire) -> None:
    olga = hire(acme())
    kept = lay_turn(acme(), "kept", operator_id=olga.id, waited_seconds=4.5)
    broken = lay_turn(acme(), "broken", ago=timedelta(hours=2))
    later = lay_turn(acme(), "broken", kind="follow_up")
    gone = lay_turn(acme(), "abandoned")
    other = lay_turn(globex(), "kept")

    assert set(behind(Question(number=Number.TURNS))) == {one.conversation_id for one in (kept, broken, later, other)}
    acmes = Question(number=Number.TURNS, organisation="acme", kind="first")
    assert behind(acmes) == [kept.conversation_id, broken.conversation_id]
    assert behind(Question(number=Number.TURNS, organisation="acme", outcome="broken", kind="follow_up")) == [
        later.conversation_id
    ]
    assert behind(Question(number=Number.TURNS, outcome="ended")) == [gone.conversation_id]
    half_hour = next(one for one in wallboard_of(read_board(), "acme").half_hours if one.broken)
    assert behind(Question(number=Number.TURNS, half_hour=half_hour.starts_at)) == [broken.conversation_id]
    [line] = conversations_behind(Question(number=Number.TURNS, operator=olga.id)).conversations
    assert line.operator is not None
    assert line.turn is not None
    assert (line.operator.name, line.state, line.turn.waited_seconds) == ("Olga", "closed", 4.5)


def test_a_client_that_is_not_there_has_no_wallboard() -> None:
    acme()
    with pytest.raises(NotFound):
        wallboard_of(read_board(), "no-such")
    with pytest.raises(NotFound):
        conversations_behind(Question(number=Number.WAITING, organisation="no-such"))


def test_a_process_reads_once_a_second_however_many_screens_ask(
    hire: Hire, django_assert_num_queries: Callable[[int], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    hire(acme())
    monkeypatch.setattr("operators.wallboard._kept", None)
    first = recent_board()
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        again = recent_board()

    assert again is first


def test_kept_and_broken_are_counted_as_the_promises_tell(hire: Hire, turns: None) -> None:
    olga = hire(acme(), capacity=50)
    before = wallboard_of(read_board(), "acme").kept
    kept, late, left = (lay_conversation(acme(), operator=olga) for _ in range(3))
    for one in (kept, late, left):
        append(acme(), asked(one))
    append(acme(), answered(kept, olga))
    append(acme(), asked(kept))
    append(acme(), answered(kept, olga))
    with clock_moved(timedelta(seconds=21)):
        append(acme(), answered(late, olga))
    in_organisation(acme(), leave_conversation, left.visitor_id, left.id, uuid4())

    with clock_moved(timedelta(seconds=22)):
        after = wallboard_of(read_board(), "acme").kept
    outcomes = [
        (promise.kind, promise.outcome) for one in (kept, late, left) for promise in promises_of(acme(), one.id)
    ]

    assert sorted(outcomes) == [
        ("first", "abandoned"),
        ("first", "broken"),
        ("first", "kept"),
        ("follow_up", "kept"),
    ]
    for kind in ("first", "follow_up"):
        was, now = getattr(before, kind), getattr(after, kind)
        assert now.kept - was.kept == outcomes.count((kind, "kept"))
        assert now.total - was.total == outcomes.count((kind, "kept")) + outcomes.count((kind, "broken"))
