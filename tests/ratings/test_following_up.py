"""A visitor who left unhappy is followed up within the hour: raised once, told at once, withdrawn after a slip."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import connection

from conversations.models import Conversation, OutgoingMail
from conversations.services.closing import close_conversation
from conversations.services.endings import Noted, correct_ending
from conversations.services.mailing import send_mail
from operators.follow_ups import follow_up_counts, follow_up_lines, forget_done_follow_ups
from operators.models import DueWork, FollowUpStanding
from ratings.errors import FollowUpTaken
from ratings.models import FollowUp, FollowUpSettings
from ratings.services import answer_question, give_rating
from ratings.services.following_up import (
    Taker,
    finish_follow_up,
    note_on_follow_up,
    put_back_follow_up,
    reconsider,
    reopen_follow_up,
    take_follow_up,
)
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import Invalid, NotFound
from tenants.models import AuditRecord, Membership
from tests.cast import VisitorHere, account, acme, globex, olga, visitor_of
from tests.conversations.scene import lay_conversation
from tests.ratings.rows import a_conversation, an_ask

SAM, MAUD = Taker(uuid4(), "Sam"), Taker(uuid4(), "Maud")
WORDS = "I will never <b>buy</b> here again"


@pytest.fixture(autouse=True)
def _own_list(platform_database: None) -> Iterator[None]:
    DueWork.objects.all().delete()
    FollowUpStanding.objects.all().delete()
    yield
    in_organisation(acme(), lambda _: FollowUpSettings.objects.all().delete())


def asked(visitor: VisitorHere) -> UUID:
    """A conversation that ended just now, after which the visitor is asked."""

    def make(organisation: OrganisationRef) -> UUID:
        conversation_id = a_conversation(organisation, platform_now() - timedelta(minutes=10), visitor_id=visitor.id)
        an_ask(conversation_id, platform_now(), ["expectation", "trust", "feeling", "solved"])
        return conversation_id

    return in_organisation(acme(), make)


def rate(visitor: VisitorHere, conversation_id: UUID, mark: int) -> None:
    in_organisation(
        acme(),
        give_rating,
        visitor_id=visitor.id,
        conversation_id=conversation_id,
        cid=uuid4(),
        mark=mark,
        comment=WORDS,
    )


def feel(visitor: VisitorHere, conversation_id: UUID, answer: int | None) -> None:
    in_organisation(
        acme(),
        answer_question,
        visitor_id=visitor.id,
        conversation_id=conversation_id,
        cid=uuid4(),
        question="feeling",
        answer=answer,
    )


def follow_up_of(conversation_id: UUID) -> FollowUp | None:
    return in_organisation(acme(), lambda _: FollowUp.objects.filter(conversation=conversation_id).first())


def raised() -> FollowUp:
    """After a mark of 2, just now."""
    vera = visitor_of(acme())
    conversation_id = asked(vera)
    rate(vera, conversation_id, 2)
    follow_up = follow_up_of(conversation_id)
    assert follow_up is not None
    return follow_up


def settle(**changed: Any) -> None:
    in_organisation(acme(), lambda _: FollowUpSettings.objects.update_or_create(id=1, defaults=changed))


def do(service: Any, follow_up: FollowUp, taker: Taker = SAM, *arguments: str) -> FollowUp:
    in_organisation(acme(), service, taker, follow_up.id, *arguments)
    return in_organisation(acme(), lambda _: FollowUp.objects.get(pk=follow_up.id))


def standing(follow_up: FollowUp) -> FollowUpStanding:
    return FollowUpStanding.objects.get(pk=follow_up.id)


def test_a_low_mark_raises_one_follow_up_in_both_schemas() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    rate(vera, conversation_id, 5)
    rate(vera, conversation_id, 3)

    follow_up = follow_up_of(conversation_id)
    assert follow_up is not None
    assert (follow_up.reason, follow_up.mark, follow_up.state) == ("low_mark", 3, "open")
    assert follow_up.due_at - follow_up.created_at == timedelta(minutes=60)
    [line] = follow_up_lines()
    assert (line.id, line.organisation, line.conversation_id) == (follow_up.id, "acme", conversation_id)
    assert (line.reason, line.mark, line.state, line.is_late) == ("low_mark", 3, "open", False)


def test_a_mark_above_the_threshold_raises_none() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    rate(vera, conversation_id, 6)

    assert follow_up_of(conversation_id) is None
    assert follow_up_lines() == []
    assert not DueWork.objects.exists()


def test_the_organisation_chooses_threshold_and_time() -> None:
    settle(threshold=7, minutes=30)
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    rate(vera, conversation_id, 7)

    follow_up = follow_up_of(conversation_id)
    assert follow_up is not None
    assert follow_up.due_at - follow_up.created_at == timedelta(minutes=30)


def test_who_felt_worst_is_followed_up_without_a_mark() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)

    feel(vera, conversation_id, 1)

    follow_up = follow_up_of(conversation_id)
    assert follow_up is not None
    assert (follow_up.reason, follow_up.mark) == ("angry_end", None)

    feel(vera, conversation_id, 2)
    assert follow_up_of(conversation_id) is None


def test_an_angry_end_that_the_operator_noted_raises_one_and_its_correction_withdraws_it() -> None:
    conversation = lay_conversation(acme(), operator=olga())
    furious = Noted(mood_start=0, mood_end=-2)

    in_organisation(acme(), close_conversation, olga(), conversation.id, uuid4(), "complaint", furious)

    follow_up = follow_up_of(conversation.id)
    assert follow_up is not None
    assert follow_up.reason == "angry_end"

    in_organisation(acme(), correct_ending, olga(), conversation.id, uuid4(), "complaint", Noted(mood_end=-1))
    assert follow_up_of(conversation.id) is None
    assert follow_up_lines() == []


def test_a_mark_that_was_a_slip_withdraws_what_nobody_took_and_mails_nobody() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)
    rate(vera, conversation_id, 1)
    mails = waiting_mails()

    rate(vera, conversation_id, 10)

    assert follow_up_of(conversation_id) is None
    assert follow_up_lines() == []
    assert len(mails) > 1
    assert all(in_organisation(acme(), send_mail, mail_id) for mail_id in mails)
    assert mail.outbox == []


def test_a_low_mark_that_was_a_slip_leaves_the_angry_end() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)
    feel(vera, conversation_id, 1)
    rate(vera, conversation_id, 1)

    rate(vera, conversation_id, 9)

    follow_up = follow_up_of(conversation_id)
    assert follow_up is not None
    assert (follow_up.reason, follow_up.mark) == ("angry_end", 9)


def test_what_somebody_took_is_not_withdrawn() -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)
    rate(vera, conversation_id, 1)
    follow_up = follow_up_of(conversation_id)
    assert follow_up is not None
    do(take_follow_up, follow_up)

    rate(vera, conversation_id, 10)

    kept = follow_up_of(conversation_id)
    assert kept is not None
    assert kept.state == "taken"


def test_one_takes_it_notes_finishes_and_undoes_and_both_rows_agree() -> None:
    follow_up = raised()

    assert do(take_follow_up, follow_up).taken_by_name == "Sam"
    assert do(note_on_follow_up, follow_up, SAM, "Called twice").note == "Called twice"
    done = do(finish_follow_up, follow_up, SAM, "called_back")
    assert (done.state, done.outcome, done.note) == ("done", "called_back", "Called twice")
    assert (standing(done).state, standing(done).done_at) == ("done", done.done_at)

    again = do(reopen_follow_up, follow_up)
    assert (again.state, again.outcome, again.done_at, again.taken_by) == ("taken", "", None, SAM.id)
    back = do(put_back_follow_up, follow_up)
    assert (back.state, back.taken_by) == ("open", None)
    assert (standing(back).state, standing(back).taken_by, standing(back).taken_by_name) == ("open", None, "")
    actions = AuditRecord.objects.filter(subject_id=str(follow_up.id)).order_by("at").values_list("action", flat=True)
    assert list(actions) == [
        f"follow_up.{action}" for action in ("raised", "taken", "noted", "done", "reopened", "put_back")
    ]


def test_two_people_do_not_see_to_the_same_visitor() -> None:
    follow_up = raised()
    do(take_follow_up, follow_up, SAM)

    with pytest.raises(FollowUpTaken):
        do(take_follow_up, follow_up, MAUD)
    with pytest.raises(FollowUpTaken):
        do(finish_follow_up, follow_up, MAUD, "nothing")

    assert standing(follow_up).taken_by == SAM.id


def test_an_outcome_that_nobody_knows_and_another_organisation_are_refused() -> None:
    follow_up = raised()

    with pytest.raises(Invalid):
        do(finish_follow_up, follow_up, SAM, "shrugged")
    with pytest.raises(NotFound):
        in_organisation(globex(), take_follow_up, SAM, follow_up.id)
    with pytest.raises(NotFound):
        in_organisation(acme(), take_follow_up, SAM, uuid4())

    assert standing(follow_up).state == "open"


def waiting_mails() -> list[UUID]:
    return list(DueWork.objects.filter(kind=DueWork.Kind.MAIL).values_list("subject_id", flat=True))


def test_managers_and_supervisors_are_mailed_numbers_and_a_link_and_never_the_visitors_words() -> None:
    # rule 39
    follow_up = raised()

    assert all(in_organisation(acme(), send_mail, mail_id) for mail_id in waiting_mails())

    sent = {message.to[0]: message for message in mail.outbox}
    maud, sam = sent["maud@acme.example"], sent["sam@desk.example"]
    assert maud.subject == sam.subject == "Acme Outdoor: a visitor gave a 2"
    assert re.search(rf"//acme\.localhost(:\d+)?/admin/ratings/followup/{follow_up.id}/change/\n", str(maud.body))
    assert re.search(r"//desk\.localhost(:\d+)?/follow-ups/\n", str(sam.body))
    for message in mail.outbox:
        html = str(message.message())
        assert WORDS not in message.body + html
        assert "buy" not in message.body + html


def test_the_first_mail_waits_five_minutes() -> None:
    follow_up = raised()

    due = set(DueWork.objects.filter(kind=DueWork.Kind.MAIL).values_list("due_at", flat=True))

    assert due == {follow_up.created_at + timedelta(minutes=5)}


def test_managers_can_do_without_the_mails_and_who_is_none_any_more_gets_none() -> None:
    settle(mails=False)
    raised()
    kinds = in_organisation(
        acme(), lambda _: set(OutgoingMail.objects.filter(pk__in=waiting_mails()).values_list("kind", flat=True))
    )
    assert kinds == {"follow_up_desk"}

    settle(mails=True)
    DueWork.objects.all().delete()
    raised()
    memberships = Membership.objects.filter(user=account("maud@acme.example"), role=Membership.Role.MANAGER)
    kept = list(memberships)
    memberships.delete()
    try:
        for mail_id in waiting_mails():
            in_organisation(acme(), send_mail, mail_id)
    finally:
        Membership.objects.bulk_create(kept)
    assert "maud@acme.example" not in {message.to[0] for message in mail.outbox}


def test_a_done_follow_up_is_no_longer_mailed() -> None:
    follow_up = raised()
    do(finish_follow_up, follow_up, MAUD, "apologised")

    for mail_id in waiting_mails():
        in_organisation(acme(), send_mail, mail_id)

    assert mail.outbox == []


def test_what_is_late_counts_as_such_and_stays_late_when_it_is_done() -> None:
    follow_up = raised()
    assert (follow_up_counts().open, follow_up_counts().late) == (1, 0)

    with clock_moved(timedelta(minutes=61)):
        assert (follow_up_counts().open, follow_up_counts().late) == (1, 1)
        do(finish_follow_up, follow_up, SAM, "called_back")
        assert (follow_up_counts().open, follow_up_counts().late) == (0, 0)
        [line] = follow_up_lines()
        assert (line.state, line.is_late) == ("done", True)


def test_a_month_later_only_the_organisation_keeps_it() -> None:
    follow_up = do(finish_follow_up, raised(), SAM, "nothing")

    assert forget_done_follow_ups() == 0
    with clock_moved(timedelta(days=31)):
        assert forget_done_follow_ups() == 1

    assert follow_up_of(follow_up.conversation_id) is not None


def test_the_public_row_holds_no_text() -> None:
    # rule 16
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = 'operators_followupstanding' AND data_type IN ('text', 'character varying')"
        )
        names = {name for (name,) in cursor.fetchall()}

    assert names == {"reason", "state", "taken_by_name"}


def test_who_is_content_costs_two_queries_more(django_assert_num_queries: Any) -> None:
    vera = visitor_of(acme())
    conversation_id = asked(vera)
    conversation = in_organisation(acme(), lambda _: Conversation.objects.get(pk=conversation_id))

    def look(organisation: OrganisationRef) -> None:
        FollowUp.objects.exists()  # enters the schema
        with django_assert_num_queries(2):
            reconsider(organisation, conversation)

    in_organisation(acme(), look)
