"""A measurement that cannot see a defect is worthless: each kind is planted here, and found."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatplatform.replay.comparison import Differences, Sent, compare_history, out_of_order

pytestmark = pytest.mark.no_database

CONVERSATION = "conversation-1"
SENT = (
    Sent("cid-1", "visitor", "Is it open?"),
    Sent("cid-2", "operator", "Yes"),
    Sent("cid-3", "visitor", "Yes"),
    Sent("cid-4", "operator", "Yes"),
)


def message(seq: int, sent: Sent, **changed: Any) -> dict[str, Any]:
    sender = {"kind": sent.sender, "id": "person", "name": ""}
    fact = {"type": "message.sent", "conversation": CONVERSATION, "seq": seq, "id": f"id-{seq}", "sender": sender}
    return fact | {"cid": sent.cid, "body": sent.text} | changed


def system_fact(seq: int, kind: str = "conversation.assigned") -> dict[str, Any]:
    sender = {"kind": "system", "id": None, "name": ""}
    return {"type": kind, "conversation": CONVERSATION, "seq": seq, "id": f"id-{seq}", "sender": sender}


def right_history() -> list[dict[str, Any]]:
    return [
        message(1, SENT[0]),
        system_fact(2),
        message(3, SENT[1]),
        message(4, SENT[2]),
        message(5, SENT[3]),
        system_fact(6, "conversation.closed"),
    ]


def compared(history: list[dict[str, Any]]) -> dict[str, int]:
    return {name: count for name, count in compare_history(CONVERSATION, SENT, history).counts().items() if count}


def test_a_right_history_with_repeated_texts_has_no_differences() -> None:
    found = compare_history(CONVERSATION, SENT, right_history())

    assert not found
    assert found.counts() == {"lost": 0, "duplicated": 0, "reordered": 0, "foreign": 0, "altered": 0}


def test_a_missing_message_is_lost_even_when_the_numbers_close_over_it() -> None:
    history = [message(1, SENT[0]), system_fact(2), message(3, SENT[1]), message(4, SENT[3])]

    assert compared(history) == {"lost": 1}


def test_a_hole_in_the_numbers_is_a_loss() -> None:
    history = right_history()
    del history[1]

    assert compared(history) == {"lost": 1}


def test_a_history_without_its_last_message_has_lost_it() -> None:
    assert compared(right_history()[:4]) == {"lost": 1}


def test_a_message_stored_twice_is_duplicated() -> None:
    history = [*right_history(), message(7, SENT[2])]

    assert compared(history) == {"duplicated": 1}


def test_a_number_given_twice_is_duplicated() -> None:
    history = right_history()
    history.append(system_fact(6))

    assert compared(history) == {"duplicated": 1}


def test_two_messages_that_changed_places_are_reordered() -> None:
    history = right_history()
    history[2], history[3] = message(3, SENT[2]), message(4, SENT[1])

    assert compared(history) == {"reordered": 1}


def test_facts_given_against_their_numbers_are_reordered() -> None:
    history = right_history()
    history[2], history[3] = history[3], history[2]

    assert compared(history)["reordered"] == 2  # one number, one message


def test_a_message_nobody_sent_here_is_foreign() -> None:
    history = [*right_history(), message(7, Sent("cid-9", "visitor", "Yes"))]

    assert compared(history) == {"foreign": 1}


def test_a_message_of_a_person_without_a_cid_is_foreign() -> None:
    history = [*right_history(), message(7, SENT[2], cid=None)]

    assert compared(history) == {"foreign": 1}


def test_a_fact_of_another_conversation_is_foreign() -> None:
    history = right_history()
    history[1]["conversation"] = "conversation-2"

    assert compared(history) == {"foreign": 1}


@pytest.mark.parametrize(
    "changed", [{"body": "No"}, {"sender": {"kind": "visitor", "id": "person", "name": ""}}], ids=["text", "sender"]
)
def test_a_wrong_text_or_sender_is_altered(changed: dict[str, Any]) -> None:
    history = right_history()
    history[2] = message(3, SENT[1], **changed)

    assert compared(history) == {"altered": 1}


def test_texts_no_person_wrote_may_stand_anywhere() -> None:
    automatic = system_fact(7, "message.sent") | {"cid": None, "body": "Welcome"}

    assert compared([*right_history(), automatic]) == {}


def test_one_defect_seen_by_both_sides_counts_once() -> None:
    both = Differences()

    for _ in ("visitor", "operator"):
        both.add(compare_history(CONVERSATION, SENT, right_history()[:4]))

    assert both.counts()["lost"] == 1


def test_an_empty_history_has_lost_everything() -> None:
    assert compared([]) == {"lost": len(SENT)}


@given(st.lists(st.integers(0, 30), unique=True))
def test_out_of_order_names_the_fewest_that_have_to_move(numbers: list[int]) -> None:
    moved = out_of_order(numbers)

    kept = [number for number in numbers if number not in moved]
    assert kept == sorted(kept)
    longest = [1] * len(numbers)
    for i, number in enumerate(numbers):
        longest[i] = 1 + max((longest[j] for j in range(i) if numbers[j] < number), default=0)
    assert len(kept) == max(longest, default=0)
