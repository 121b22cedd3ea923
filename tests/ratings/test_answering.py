"""Each answer is stored by itself, once, for 15 minutes; what was shown is stored apart from what was answered."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from conversations.journal import Appended
from conversations.models import Entry
from ratings.errors import RatingClosed
from ratings.models import Answer, Ask, Rating
from ratings.services import answer_question, give_rating, note_shown
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import Invalid, NotFound
from tests.cast import VisitorHere, acme, visitor_of
from tests.conversations.scene import in_threads
from tests.ratings.rows import a_conversation, an_ask


def asked(visitor: VisitorHere, *questions: str) -> UUID:
    """A conversation that ended just now, after which these were asked."""

    def make(organisation: OrganisationRef) -> UUID:
        conversation_id = a_conversation(organisation, platform_now() - timedelta(minutes=10), visitor_id=visitor.id)
        an_ask(conversation_id, platform_now(), list(questions or ("expectation", "trust", "feeling", "solved")))
        return conversation_id

    return in_organisation(acme(), make)


def answer(
    visitor_id: UUID, conversation_id: UUID, question: str, value: int | None, cid: UUID | None = None
) -> Appended:
    return in_organisation(
        acme(),
        answer_question,
        visitor_id=visitor_id,
        conversation_id=conversation_id,
        cid=cid or uuid4(),
        question=question,
        answer=value,
    )


def rate(visitor_id: UUID, conversation_id: UUID, mark: int, comment: str | None = None) -> Appended:
    return in_organisation(
        acme(),
        give_rating,
        visitor_id=visitor_id,
        conversation_id=conversation_id,
        cid=uuid4(),
        mark=mark,
        comment=comment,
    )


def see(visitor_id: UUID, conversation_id: UUID) -> None:
    in_organisation(acme(), note_shown, visitor_id=visitor_id, conversation_id=conversation_id)


def answers_of(conversation_id: UUID) -> dict[str, int | None]:
    rows = Answer.objects.filter(ask__conversation_id=conversation_id)
    return in_organisation(acme(), lambda _: dict(rows.values_list("question", "value")))


def ask_of(conversation_id: UUID) -> Ask:
    return in_organisation(acme(), lambda _: Ask.objects.get(conversation_id=conversation_id))


def entries_of(conversation_id: UUID) -> list[tuple[int, str]]:
    rows = Entry.objects.filter(conversation_id=conversation_id).order_by("seq")
    return in_organisation(acme(), lambda _: list(rows.values_list("seq", "kind")))


def rating_of(conversation_id: UUID) -> list[tuple[int, str]]:
    rows = Rating.objects.filter(conversation_id=conversation_id)
    return in_organisation(acme(), lambda _: list(rows.values_list("mark", "comment")))


def test_what_was_tapped_is_stored_whatever_comes_after_it() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    rate(vera.id, conversation_id, 8)
    assert (rating_of(conversation_id), answers_of(conversation_id)) == ([(8, "")], {})
    answer(vera.id, conversation_id, "expectation", 3)
    assert answers_of(conversation_id) == {"expectation": 3}
    answer(vera.id, conversation_id, "trust", None)

    assert answers_of(conversation_id) == {"expectation": 3, "trust": None}
    assert entries_of(conversation_id) == [(1, "rating.given"), (2, "rating.answered"), (3, "rating.answered")]


def test_an_answer_may_be_changed_for_fifteen_minutes_and_then_stands() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)
    rate(vera.id, conversation_id, 8)
    answer(vera.id, conversation_id, "trust", 2)

    with clock_moved(timedelta(minutes=14)):
        answer(vera.id, conversation_id, "trust", 4)
        answer(vera.id, conversation_id, "solved", 3)
    with clock_moved(timedelta(minutes=16)), pytest.raises(RatingClosed):
        answer(vera.id, conversation_id, "trust", 5)
    with clock_moved(timedelta(minutes=16)), pytest.raises(RatingClosed):
        answer(vera.id, conversation_id, "feeling", 5)

    assert answers_of(conversation_id) == {"trust": 4, "solved": 3}
    assert len(entries_of(conversation_id)) == 4


def test_the_same_cid_is_stored_once_also_from_six_threads_at_once() -> None:  # rule 2
    vera = visitor_of(acme())
    conversation_id, cid = asked(vera), uuid4()

    acks = in_threads([lambda: answer(vera.id, conversation_id, "trust", 4, cid)] * 6)
    again = answer(vera.id, conversation_id, "trust", 1, cid)
    with clock_moved(timedelta(days=40)):
        much_later = answer(vera.id, conversation_id, "trust", 1, cid)

    assert {(one.id, one.seq, one.at) for one in [*acks, again, much_later]} == {(acks[0].id, 1, acks[0].at)}
    assert answers_of(conversation_id) == {"trust": 4}
    assert entries_of(conversation_id) == [(1, "rating.answered")]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("ease", 3),  # not asked here
        ("nonsense", 3),
        ("expectation", 4),
        ("solved", 5),
        ("trust", 6),
        ("trust", 0),
        ("mark", 7),
        ("comment", 1),
    ],
)
def test_what_was_not_asked_or_is_off_its_scale_is_refused_and_changes_nothing(question: str, value: int) -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    with pytest.raises(Invalid):
        answer(vera.id, conversation_id, question, value)

    assert (answers_of(conversation_id), entries_of(conversation_id)) == ({}, [])
    assert ask_of(conversation_id).shown_at is None


def test_strangers_answer_nothing_as_if_it_were_not_there() -> None:  # rule 17
    vera, other = visitor_of(acme()), visitor_of(acme())
    conversation_id = asked(vera)

    def plain(organisation: OrganisationRef) -> UUID:
        return a_conversation(organisation, platform_now(), visitor_id=vera.id, asked=False)

    unasked = in_organisation(acme(), plain)
    for visitor_id, wanted in ((other.id, conversation_id), (vera.id, uuid4()), (vera.id, unasked)):
        with pytest.raises(NotFound):
            answer(visitor_id, wanted, "trust", 3)
        with pytest.raises(NotFound):
            see(visitor_id, wanted)

    assert (answers_of(conversation_id), entries_of(conversation_id)) == ({}, [])
    assert (ask_of(conversation_id).way, ask_of(conversation_id).shown_at) == ("", None)


def test_a_mark_without_a_comment_leaves_the_comment_that_was_given() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    rate(vera.id, conversation_id, 8, "Quick.")
    rate(vera.id, conversation_id, 9)
    assert rating_of(conversation_id) == [(9, "Quick.")]
    rate(vera.id, conversation_id, 9, "")

    assert rating_of(conversation_id) == [(9, "")]


def test_who_would_rather_not_is_stored_as_that_until_they_give_a_mark_after_all() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    answer(vera.id, conversation_id, "mark", None)
    declined = ask_of(conversation_id)
    rate(vera.id, conversation_id, 6)
    with pytest.raises(Invalid):
        answer(vera.id, conversation_id, "mark", None)

    assert declined.declined_at is not None
    assert ask_of(conversation_id).declined_at is None
    assert (rating_of(conversation_id), answers_of(conversation_id)) == ([(6, "")], {})


def test_nothing_is_taken_once_the_time_to_answer_is_over() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    with clock_moved(timedelta(days=14, seconds=1)):
        with pytest.raises(RatingClosed):
            rate(vera.id, conversation_id, 9)
        with pytest.raises(RatingClosed):
            answer(vera.id, conversation_id, "trust", 4)
        see(vera.id, conversation_id)

    assert (rating_of(conversation_id), answers_of(conversation_id), entries_of(conversation_id)) == ([], {}, [])
    assert ask_of(conversation_id).shown_at is None


@pytest.mark.parametrize(("after", "way"), [(timedelta(minutes=29), "thread"), (timedelta(minutes=31), "next_visit")])
def test_that_it_was_shown_is_stored_once_and_by_which_way(after: timedelta, way: str) -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    with clock_moved(after):
        see(vera.id, conversation_id)
        shown = ask_of(conversation_id)
        see(vera.id, conversation_id)

    assert shown.way == way
    assert shown.shown_at is not None
    assert ask_of(conversation_id).shown_at == shown.shown_at
    assert entries_of(conversation_id) == []


def test_the_way_is_the_last_before_an_answer_and_the_moment_the_first() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)
    see(vera.id, conversation_id)
    first = ask_of(conversation_id).shown_at

    with clock_moved(timedelta(days=2)):
        see(vera.id, conversation_id)
        rate(vera.id, conversation_id, 9)
        in_organisation(acme(), note_shown, visitor_id=vera.id, conversation_id=conversation_id, way="mail")

    assert (ask_of(conversation_id).way, ask_of(conversation_id).shown_at) == ("next_visit", first)


def test_an_answer_says_by_itself_that_it_was_shown() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    rate(vera.id, conversation_id, 9)

    ask = ask_of(conversation_id)
    assert ask.way == "thread"
    assert ask.shown_at is not None
