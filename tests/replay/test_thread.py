from typing import Any

import pytest

from chatplatform.replay.thread import Thread

pytestmark = pytest.mark.no_database


def fact(seq: int) -> dict[str, Any]:
    return {"seq": seq}


def test_facts_out_of_order_are_applied_in_order_and_once() -> None:
    thread = Thread("conversation", "acme")

    applied = [thread.take(fact(seq)) for seq in (1, 3, 3, 2, 1, 2, 4)]

    assert applied == [[fact(1)], [], [], [fact(2), fact(3)], [], [], [fact(4)]]
    assert [one["seq"] for one in thread.facts] == [1, 2, 3, 4]
    assert thread.cursor == (4, 0)


def test_a_thread_is_behind_while_something_is_kept_aside_or_known_to_exist() -> None:
    thread = Thread("conversation", "acme")
    assert not thread.is_behind

    thread.take(fact(2))
    assert thread.is_behind
    thread.take(fact(1))
    assert not thread.is_behind

    thread.top = 3
    assert thread.is_behind
    thread.take(fact(3))
    assert not thread.is_behind


def test_facts_for_staff_have_a_cursor_of_their_own() -> None:
    thread = Thread("conversation", "acme")

    assert thread.take({"desk_seq": 1}) == []

    assert thread.cursor == (0, 1)
    assert thread.facts == []


def test_a_reset_starts_from_nothing() -> None:
    thread = Thread("conversation", "acme")
    thread.take(fact(1))
    thread.take(fact(3))

    thread.reset()

    assert thread.cursor == (0, 0)
    assert thread.take(fact(1)) == [fact(1)]
    assert [one["seq"] for one in thread.facts] == [1]
