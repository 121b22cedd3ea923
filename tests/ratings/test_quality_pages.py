"""The desk's pages about quality and the managers': who sees what, and that each button does what it says."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from conversations.models import Conversation, DeskEntry, Entry
from operators.models import Assignment, CoachingNote, FollowUpStanding, ReviewStanding
from operators.reviews import week_before
from ratings.models import Criterion, FollowUp, FollowUpSettings, QualityReview
from ratings.services.following_up import reconsider
from ratings.tasks import sample_reviews
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme, client_of, globex, logged_in
from tests.desk_people import Colleague, colleague_of, supervisor
from tests.ratings.rows import a_conversation, a_mark
from tests.ratings.test_reviewing import in_the_week

WORDS = "<b>I am</b> furious"


@pytest.fixture(autouse=True)
def _own_lists(platform_database: None) -> Iterator[None]:
    for organisation in (acme(), globex()):
        in_organisation(organisation, lambda _: QualityReview.objects.all().delete())
    FollowUpStanding.objects.all().delete()
    ReviewStanding.objects.all().delete()
    CoachingNote.objects.all().delete()
    Assignment.objects.filter(end="closed").delete()
    yield
    in_organisation(acme(), lambda _: FollowUpSettings.objects.all().delete())
    Assignment.objects.filter(end="closed").delete()


@pytest.fixture
def sam() -> Client:
    return logged_in(supervisor().email)


@pytest.fixture
def maud() -> Client:
    return logged_in("maud@acme.example", "acme.localhost")


def raised(organisation: OrganisationRef | None = None, mark: int = 2) -> UUID:
    """A follow-up of a mark that came just now, with a comment that stays where it is."""

    def make(place: OrganisationRef) -> UUID:
        conversation_id = a_conversation(place, platform_now() - timedelta(minutes=9))
        a_mark(conversation_id, mark, platform_now(), WORDS)
        follow_up = reconsider(place, Conversation.objects.get(pk=conversation_id))
        assert follow_up is not None
        return follow_up.id

    return in_organisation(organisation or acme(), make)


def follow_up(id_: UUID) -> FollowUp:
    return in_organisation(acme(), lambda _: FollowUp.objects.get(pk=id_))


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def step(sam: Client, id_: UUID, action: str, slug: str = "acme", **fields: str) -> int:
    return int(sam.post(f"/follow-ups/{slug}/{id_}/{action}", fields).status_code)


def test_a_supervisor_takes_notes_finishes_and_undoes_a_follow_up(sam: Client) -> None:
    id_ = raised()
    shown = text_of(sam.get("/follow-ups/"))
    assert "Acme Outdoor: a mark of 2" in shown
    assert "furious" not in shown

    assert step(sam, id_, "take") == 302
    assert follow_up(id_).state == "taken"
    assert step(sam, id_, "note", note="Called <i>twice</i>") == 302
    assert "Called &lt;i&gt;twice&lt;/i&gt;" in text_of(sam.get("/follow-ups/"))
    assert step(sam, id_, "finish") == 302  # an outcome must be said
    assert follow_up(id_).state == "taken"
    assert step(sam, id_, "finish", outcome="called_back", note="Reached her") == 302
    assert (follow_up(id_).state, follow_up(id_).note) == ("done", "Reached her")
    assert "Done within a week" in text_of(sam.get("/follow-ups/"))
    assert step(sam, id_, "reopen") == 302
    assert step(sam, id_, "put-back") == 302
    assert follow_up(id_).state == "open"


def test_the_list_holds_all_clients_and_says_what_is_late(sam: Client) -> None:
    raised()
    raised(globex(), mark=1)

    with clock_moved(timedelta(minutes=61)):
        shown = text_of(sam.get("/follow-ups/"))

    assert "Globex Bank: a mark of 1" in shown
    assert shown.count("late: was due") == 2


def test_what_is_not_there_is_not_found_and_nothing_changes(sam: Client) -> None:
    id_ = raised()

    assert step(sam, id_, "take", slug="globex") == 404
    assert step(sam, id_, "shrug") == 404
    assert step(sam, uuid4(), "take") == 404
    assert sam.get(f"/follow-ups/acme/{id_}/take").status_code == 405

    assert follow_up(id_).state == "open"


def test_operators_find_no_page_of_supervisors(sam: Client) -> None:
    id_ = raised()
    nora = logged_in(colleague_of(acme(), name="Nora").email)

    for path in ("/follow-ups/", "/reviews/", "/coaching/team/", f"/reviews/acme/{uuid4()}/"):
        assert nora.get(path).status_code == 404, path
    assert step(nora, id_, "take") == 404
    assert nora.get("/coaching/").status_code == 200
    assert client_of("desk.localhost").get("/follow-ups/").status_code == 302

    assert follow_up(id_).state == "open"


def sampled(operator: Colleague) -> QualityReview:
    """A conversation of last week in which a visitor said something, drawn for review."""
    ended_at = in_the_week(week_before(platform_now()))

    def make(organisation: OrganisationRef) -> UUID:
        conversation_id = a_conversation(organisation, ended_at - timedelta(minutes=9))
        Entry.objects.create(
            conversation_id=conversation_id, seq=1, kind="message.sent", sender_kind="visitor", body=WORDS, at=ended_at
        )
        DeskEntry.objects.create(
            conversation_id=conversation_id, desk_seq=1, kind="note.added", sender_kind="operator", body="Secret",
            at=ended_at,
        )  # fmt: skip
        return conversation_id

    conversation_id = in_organisation(acme(), make)
    Assignment.objects.create(
        conversation_id=conversation_id, organisation_id=acme().id, operator_id=operator.id, start="offered",
        started_at=ended_at, end="closed", ended_at=ended_at,
    )  # fmt: skip
    sample_reviews()
    return in_organisation(acme(), lambda _: QualityReview.objects.get(conversation=conversation_id))


def test_a_supervisor_judges_a_conversation_and_its_operator_reads_it(sam: Client) -> None:
    nora, otto = colleague_of(acme(), name="Nora"), colleague_of(acme(), name="Otto")
    review = sampled(nora)
    path = f"/reviews/acme/{review.id}/"
    assert "Nora" in text_of(sam.get("/reviews/"))
    # The page keeps its draft by itself.
    assert "connect-src 'self'" in sam.get(path)["Content-Security-Policy"]
    shown = text_of(sam.get(path))
    assert "&lt;b&gt;I am&lt;/b&gt; furious" in shown

    assert sam.post(path, {"keep": "1", "greeting": "5", "comment": "Half"}).status_code == 302
    assert re.search(r'name="greeting" value="5" checked', text_of(sam.get(path)))
    assert "Judge at least one thing." in text_of(sam.post(path, {"finish": "1", "comment": "Nothing judged"}))
    own = f"/coaching/reviews/acme/{review.id}/"
    assert logged_in(nora.email).get(own).status_code == 404

    marks = dict.fromkeys(Criterion.values, "4")
    assert sam.post(path, {"finish": "1", "comment": "Kind and quick", **marks}).status_code == 302
    assert "75%" in text_of(sam.get("/reviews/"))
    mine = text_of(logged_in(nora.email).get("/coaching/"))
    assert "75%" in mine
    assert "new" in mine
    assert "Kind and quick" in text_of(logged_in(nora.email).get(own))
    assert ReviewStanding.objects.get(pk=review.id).seen_at is not None
    assert logged_in(otto.email).get(own).status_code == 404
    assert "75%" not in text_of(logged_in(otto.email).get("/coaching/"))

    assert sam.post(path, {"reopen": "1"}).status_code == 302
    assert logged_in(nora.email).get(own).status_code == 404


def test_a_supervisor_writes_to_an_operator_who_answers_once(sam: Client) -> None:
    nora, otto = colleague_of(acme(), name="Nora"), colleague_of(acme(), name="Otto")
    assert sam.post("/coaching/team/", {"operator": str(nora.id), "body": ""}).status_code == 200
    assert sam.post("/coaching/team/", {"operator": str(nora.id), "body": "That <i>was</i> kind."}).status_code == 302
    note = CoachingNote.objects.get()
    assert "not read yet" in text_of(sam.get("/coaching/team/"))

    other = logged_in(otto.email)
    assert "kind" not in text_of(other.get("/coaching/"))
    assert other.post(f"/coaching/{note.id}/answer", {"answer": "x"}).status_code == 404
    own = logged_in(nora.email)
    assert "That &lt;i&gt;was&lt;/i&gt; kind." in text_of(own.get("/coaching/"))
    assert own.post(f"/coaching/{note.id}/read").status_code == 302
    assert own.post(f"/coaching/{note.id}/answer", {"answer": "Thank you"}).status_code == 302
    assert own.post(f"/coaching/{note.id}/answer", {"answer": "Again"}).status_code == 302

    shown = text_of(sam.get("/coaching/team/"))
    assert "Thank you" in shown
    assert "Again" not in shown
    assert "not read yet" not in shown


def test_a_manager_takes_finishes_and_undoes_on_their_own_site(maud: Client) -> None:
    id_ = raised()
    path = f"/admin/ratings/followup/{id_}/change/"
    assert "A mark of 2" in text_of(maud.get("/admin/ratings/followup/"))
    assert "A visitor gave a mark of 2 out of 10." in text_of(maud.get(path))

    assert maud.post(path, {"step": "take"}).status_code == 302
    assert maud.post(path, {"step": "finish", "outcome": "", "note": "x"}).status_code == 302
    assert (follow_up(id_).state, follow_up(id_).taken_by_name) == ("taken", "Maud")
    assert maud.post(path, {"step": "finish", "outcome": "apologised", "note": "She is content."}).status_code == 302
    assert FollowUpStanding.objects.get(pk=id_).state == "done"
    assert "She is content." in text_of(maud.get(path))
    assert maud.post(path, {"step": "reopen"}).status_code == 302
    assert maud.post(path, {"step": "put_back"}).status_code == 302
    assert follow_up(id_).state == "open"


def test_managers_narrow_the_list_to_what_is_late_and_find_nothing_of_others(maud: Client) -> None:
    id_ = raised()
    elsewhere = raised(globex())
    assert str(id_) not in text_of(maud.get("/admin/ratings/followup/?late=yes"))

    with clock_moved(timedelta(minutes=61)):
        assert str(id_) in text_of(maud.get("/admin/ratings/followup/?late=yes"))
        assert str(id_) not in text_of(maud.get("/admin/ratings/followup/?late=no"))
    assert maud.get(f"/admin/ratings/followup/{elsewhere}/change/").status_code == 404


def test_managers_choose_the_threshold(maud: Client) -> None:
    path = "/admin/ratings/followupsettings/1/change/"
    assert maud.get("/admin/ratings/followupsettings/")["Location"] == path

    assert maud.post(path, {"threshold": "3", "minutes": "30"}).status_code == 302

    stored = in_organisation(acme(), lambda _: FollowUpSettings.objects.get())
    assert (stored.threshold, stored.minutes, stored.mails) == (3, 30, False)


def test_managers_see_reviews_by_month_and_no_names(maud: Client) -> None:
    nora = colleague_of(acme(), name="Noraline")
    review = sampled(nora)
    in_organisation(
        acme(), lambda _: QualityReview.objects.filter(pk=review.pk).update(score=75.0, done_at=platform_now())
    )

    shown = text_of(maud.get("/admin/ratings/qualityreview/"))

    assert "1 review" in shown
    assert "too few to say more" in shown
    assert "75" not in shown.split('id="month-1"')[1].split("</section>")[0]
    assert "Noraline" not in shown
    # A review has no page of its own: whoever asks for one is sent to the front, as for one that does not exist.
    assert maud.get(f"/admin/ratings/qualityreview/{review.pk}/change/").status_code == 302
