"""Every number of a day is counted again, slowly: one plain statement per number, written from what the words of the
report say, over what the journal stored; and stands in report, page, CSV, XLSX, PDF and mail alike."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from email.mime.base import MIMEBase
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from conversations.models import OutgoingMail
from conversations.services.mailing import send_mail as send_from_outbox
from operators.models import Clock, DueWork, QueueEntry
from ratings.documents.building import report_document
from ratings.models import Report, ReportSubscription
from ratings.tasks import build_report
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Membership
from tenants.services import NewOrganisation, NewWebsite, create_account, create_organisation
from tests.cast import client_of
from tests.conversations import scene
from tests.conversations.scene import dismiss_operators, hire_operator
from tests.ratings.changed_clocks import ZONE, Day, at, hire_specialist, last_day_of, play
from tests.ratings.test_documents_same import PASSWORD, downloaded, in_csv, in_html, in_pdf, in_xlsx

HOST = "slowly.localhost"
TALKS = f"SELECT id FROM conversations_conversation WHERE (opened_at AT TIME ZONE '{ZONE}')::date = %(day)s"
HERE = f"conversation_id IN ({TALKS})"
# What the visitor said last, of each conversation: from the stream, not from the tables of ratings.
SAID = f"""
SELECT DISTINCT ON (conversation_id, payload->>'question') conversation_id, payload->>'question' AS question,
       (payload->>'answer')::int AS answer
FROM conversations_entry WHERE kind = 'rating.answered' AND {HERE}
ORDER BY conversation_id, payload->>'question', seq DESC
"""
MARKED = f"""
SELECT DISTINCT ON (conversation_id) (payload->>'mark')::int AS mark
FROM conversations_entry WHERE kind = 'rating.given' AND {HERE} ORDER BY conversation_id, seq DESC
"""
# A turn counts once it was answered or its time was over; not when the visitor left, or it was closed, before that.
TURNS = f"""
SELECT extract(epoch FROM answered_at - opened_at) - paused_seconds AS waited, answered_at, due_at
FROM conversations_promise
WHERE kind = %(kind)s AND {HERE} AND coalesce(answered_at, settled_at) IS NOT NULL
  AND (answered_at IS NOT NULL OR settled_at >= due_at)
"""
IN_TWO_HANDS = f"""
SELECT conversation_id FROM conversations_entry
WHERE {HERE} AND kind = 'message.sent' AND sender_kind = 'operator'
GROUP BY conversation_id HAVING count(DISTINCT sender_id) > 1
"""
AROUND = "opened_at >= %(day)s::date - 1 AND opened_at < %(day)s::date + 3"


@pytest.fixture(scope="module", params=[25, 23], ids=["the clocks go back", "the clocks go forward"])
def day(request: pytest.FixtureRequest, organisation: OrganisationRef) -> Iterator[date]:
    """Reported in the night after, before somebody gave a late mark, and again after it."""
    day = last_day_of(request.param)
    olga, omar = hire_operator(organisation, capacity=500), hire_operator(organisation, name="Omar", capacity=500)
    visitor, late = play(stage := Day(organisation, day, olga, omar))
    nights = [day + timedelta(days=offset) for offset in (0, 1, 2)]
    with at(nights[1], "02:10"):
        build_report(organisation.schema_name, nights[0].isoformat())
    stage.rate(visitor, late, nights[1], "20:00", 7, 2)
    with at(nights[2], "02:10"):
        build_report(organisation.schema_name, nights[0].isoformat())
    yield day
    dismiss_operators([olga.id, omar.id])
    for table in (Clock, DueWork):
        table.objects.filter(schema_name=organisation.schema_name).delete()
    QueueEntry.objects.filter(organisation_id=organisation.id).delete()


@pytest.fixture(scope="module")
def organisation(platform_database: None) -> Iterator[OrganisationRef]:
    made = create_organisation(
        NewOrganisation(
            slug="slowly",
            name="Slowly",
            host=HOST,
            time_zone=ZONE,
            websites=[NewWebsite(key="shop", name="Shop", origins=["https://slowly.example"])],
            hours=[(weekday, *span) for weekday in range(7) for span in ((time(0), time(4)), (time(6), time(0)))],
        )
    )
    mia = create_account("mia@slowly.example", "Mia", PASSWORD, memberships=[(made, Membership.Role.MANAGER)])
    in_organisation(made, hire_specialist)
    in_organisation(made, lambda _: ReportSubscription.objects.create(account_id=mia.pk, email=mia.email, kind="day"))
    scene.WEBSITES["slowly"] = "shop"
    yield made
    del scene.WEBSITES["slowly"]


@pytest.fixture
def manager() -> Client:
    client = client_of(HOST)
    client.post("/login/", {"username": "mia@slowly.example", "password": PASSWORD})
    return client


def current(organisation: OrganisationRef, day: date) -> Report:
    return in_organisation(
        organisation, lambda _: Report.objects.get(period_kind="day", starts_on=day, is_current=True)
    )


class Slowly:
    """Counts one number at a time."""

    def __init__(self, organisation: OrganisationRef, day: date) -> None:
        self._organisation, self._day = organisation, day

    def one(self, statement: str, **more: Any) -> Any:
        def ask(_organisation: OrganisationRef) -> Any:
            with connection.cursor() as cursor:
                cursor.execute(statement, {"day": self._day, "zone": ZONE, **more})
                [(number,)] = cursor.fetchall()
                return number

        return in_organisation(self._organisation, ask)

    def due(self, kind: str) -> int:
        return int(self.one(f"SELECT count(*) FROM ({TURNS}) t", kind=kind))

    def kept(self, kind: str) -> int:
        return int(self.one(f"SELECT count(*) FROM ({TURNS}) t WHERE answered_at <= due_at", kind=kind))

    def wait(self, kind: str, share: float) -> float:
        """Between two waits that lie beside the share, the nearer one weighs more."""
        ranked = f"""
        SELECT waited, row_number() OVER (ORDER BY waited) - 1 AS place, count(*) OVER () - 1 AS last
        FROM ({TURNS}) t WHERE answered_at IS NOT NULL
        """
        weighed = "waited * greatest(0, 1 - abs(place - %(share)s::numeric * last))"
        return float(self.one(f"SELECT sum({weighed}) FROM ({ranked}) r", kind=kind, share=share))

    def said(self, question: str, answer: int) -> int:
        return int(
            self.one(
                f"SELECT count(*) FROM ({SAID}) s WHERE question = %(question)s AND answer = %(answer)s",
                question=question,
                answer=answer,
            )
        )

    def on_that_day(self, table: str, column: str, condition: str) -> int:
        local = f"({column} AT TIME ZONE %(zone)s)::date = %(day)s"
        return int(self.one(f"SELECT count(*) FROM {table} WHERE {local} AND {condition}"))


def counted_slowly(organisation: OrganisationRef, day: date) -> dict[str, Any]:
    slowly = Slowly(organisation, day)
    talks = f"SELECT count(*) FROM conversations_conversation WHERE id IN ({TALKS})"
    spoke = f"""
    SELECT count(DISTINCT conversation_id) FROM conversations_entry
    WHERE kind = 'message.sent' AND sender_kind = 'operator' AND {HERE}
    """
    by_hand = f"{talks} AND first_replied_at IS NOT NULL AND last_seq = 0"  # the one that is laid as rows
    asked = (
        f"SELECT count(DISTINCT conversation_id) FROM conversations_entry WHERE kind = 'rating.requested' AND {HERE}"
    )
    asked_by_hand = f"{talks} AND rating_requested_at IS NOT NULL AND last_seq = 0"
    feelings = f"SELECT conversation_id FROM ({SAID}) s WHERE question = 'feeling' AND answer"
    return {
        "conversations": slowly.one(talks),
        "answered": slowly.one(spoke) + slowly.one(by_hand),
        "first_replies": slowly.due("first"),
        "first_replies_kept": slowly.kept("first"),
        "follow_ups": slowly.due("follow_up"),
        "follow_ups_kept": slowly.kept("follow_up"),
        "first_wait_median_seconds": slowly.wait("first", 0.5),
        "first_wait_p90_seconds": slowly.wait("first", 0.9),
        "follow_up_wait_median_seconds": slowly.wait("follow_up", 0.5),
        "follow_up_wait_p90_seconds": slowly.wait("follow_up", 0.9),
        "ratings_asked": slowly.one(asked) + slowly.one(asked_by_hand),
        "ratings_shown": slowly.one(f"SELECT count(*) FROM ratings_ask WHERE shown_at IS NOT NULL AND {HERE}"),
        "ratings_given": slowly.one(f"SELECT count(*) FROM ({MARKED}) m"),
        "mark_sum": slowly.one(f"SELECT sum(mark) FROM ({MARKED}) m"),
        "marks": [
            slowly.one(f"SELECT count(*) FROM ({MARKED}) m WHERE mark = %(mark)s", mark=mark) for mark in range(1, 11)
        ],
        "better_than_expected": slowly.said("expectation", 3),
        "as_expected": slowly.said("expectation", 2),
        "worse_than_expected": slowly.said("expectation", 1),
        "solved": slowly.said("solved", 3),
        "partly_solved": slowly.said("solved", 2),
        "not_solved": slowly.said("solved", 1),
        "leads_noted": slowly.one(f"{talks} AND lead IS NOT NULL"),
        "leads": slowly.one(f"{talks} AND lead"),
        "moods_noted": slowly.one(f"{talks} AND (mood_end IS NOT NULL OR id IN ({feelings} IS NOT NULL))"),
        "angry_ends": slowly.one(f"{talks} AND (mood_end = -2 OR id IN ({feelings} = 1))"),
        "contact_requests": slowly.on_that_day("conversations_contactrequest", "created_at", "reason = 'closed'"),
        "with_article": slowly.one(
            f"SELECT count(DISTINCT conversation_id) FROM knowledgebase_suggested"
            f" WHERE outcome IN ('used', 'found') AND {HERE}"
        ),
        "unanswered_questions": slowly.one(f"SELECT count(*) FROM knowledgebase_unansweredturn WHERE {HERE}"),
        "new_gaps": slowly.on_that_day("knowledgebase_gap", "first_at", "state <> 'merged'"),
        "articles_helped": slowly.on_that_day("knowledgebase_feedback", "at", "kind = 'helped'"),
        "articles_did_not_help": slowly.on_that_day("knowledgebase_feedback", "at", "kind = 'did_not_help'"),
    }  # fmt: skip


def test_every_stored_number_is_what_a_slow_count_finds(organisation: OrganisationRef, day: date) -> None:  # rule 23
    report = current(organisation, day)
    slowly = counted_slowly(organisation, day)

    stored = {name: getattr(report, name) for name in slowly}
    waits = {name for name in slowly if name.endswith("_seconds")}
    figures = {field.name for field in Report._meta.concrete_fields} - {
        "id", "period_kind", "starts_on", "version", "reason", "is_current", "built_at", "looked_at",
    }  # fmt: skip

    assert figures == set(slowly)
    assert {name: stored[name] for name in waits} == pytest.approx({name: slowly[name] for name in waits}, abs=1e-4)
    assert {name: stored[name] for name in stored.keys() - waits} == {
        name: slowly[name] for name in slowly.keys() - waits
    }


def shown(slowly: dict[str, Any]) -> dict[str, tuple[float | None, float | None]]:
    """What a reader is to see of each number, and of how many it is."""

    def share(part: str, *whole: str) -> tuple[float | None, float]:
        total = sum(slowly[name] for name in whole)
        if not total:
            return None, 0
        percent = Decimal(100 * slowly[part]) / total
        # A hundred is said of all and nought of none, never of nearly so.
        rounded = int(percent.quantize(Decimal(1), ROUND_HALF_EVEN))
        return (min(max(rounded, 1), 99) if 0 < percent < 100 else rounded), total

    def wait(name: str) -> tuple[float, None]:
        seconds = Decimal(str(round(slowly[name], 6)))
        tenths = seconds.quantize(Decimal("0.1"), ROUND_HALF_UP)
        return float(tenths if tenths < 10 else seconds.quantize(Decimal(1), ROUND_HALF_UP)), None

    expected = ("better_than_expected", "as_expected", "worse_than_expected")
    solved = ("solved", "partly_solved", "not_solved")
    mean = (Decimal(int(slowly["mark_sum"])) / slowly["ratings_given"]).quantize(Decimal("0.1"), ROUND_HALF_UP)
    counts = {
        "conversations": "conversations", "contact_requests": "contact_requests", "new_gaps": "new_gaps",
        "first_replies_due": "first_replies", "first_replies_kept": "first_replies_kept",
        "follow_ups_due": "follow_ups", "follow_ups_kept": "follow_ups_kept", "ratings_given": "ratings_given",
        "unanswered_questions": "unanswered_questions",
    }  # fmt: skip
    return {
        **{name: (slowly[column], None) for name, column in counts.items()},
        **{
            f"{turn}_wait_{name}": wait(f"{turn}_wait_{name}_seconds")
            for turn in ("first", "follow_up")
            for name in ("median", "p90")
        },
        **{name: share(name, *expected) for name in expected},
        **{name: share(name, *solved) for name in ("solved", "not_solved")},
        "answered": share("answered", "conversations"),
        "first_replies_in_time": share("first_replies_kept", "first_replies"),
        "follow_ups_in_time": share("follow_ups_kept", "follow_ups"),
        "mean_mark": (float(mean), slowly["ratings_given"]),
        "ratings_response": share("ratings_given", "ratings_asked"),
        "ratings_response_shown": share("ratings_given", "ratings_shown"),
        "angry_ends": share("angry_ends", "moods_noted"),
        "leads": share("leads", "leads_noted"),
        "with_article": share("with_article", "conversations"),
        "articles_helped": share("articles_helped", "articles_helped", "articles_did_not_help"),
    }


def test_every_shown_number_is_what_a_slow_count_finds(
    organisation: OrganisationRef, day: date, manager: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    report = current(organisation, day)
    document = in_organisation(organisation, report_document, report)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(django_mail, "outbox", [], raising=False)

    page = manager.get(f"/admin/ratings/report/{report.pk}/change/").content.decode()
    in_organisation(organisation, mail_waiting)
    [mail] = django_mail.outbox
    assert isinstance(mail, EmailMultiAlternatives)
    [html] = [str(content) for content, _kind in mail.alternatives]
    attached = files_of(mail)
    seen = {
        "page": in_html(page),
        "mail": in_html(html),
        "csv": in_csv(downloaded(manager, report, "csv").content),
        "xlsx": in_xlsx(downloaded(manager, report, "xlsx").content),
        "pdf": in_pdf(downloaded(manager, report, "pdf").content, document),
        "csv of the mail": in_csv(attached["csv"]),
        "xlsx of the mail": in_xlsx(attached["xlsx"]),
        "pdf of the mail": in_pdf(attached["pdf"], document),
    }

    wanted = shown(counted_slowly(organisation, day))
    assert set(wanted) == {figure.name for _section, figure in document.figures()}
    for where, numbers in seen.items():
        assert {name: (row.value, row.n) for name, row in numbers.items()} == wanted, where


def files_of(message: EmailMultiAlternatives) -> dict[str, bytes]:
    """By the end of their names; the picture is none of them."""
    named = [part for part in message.attachments if not isinstance(part, MIMEBase)]
    return {
        name.rpartition(".")[2]: content.encode() if isinstance(content, str) else content
        for name, content, _kind in named
    }


def mail_waiting(organisation: OrganisationRef) -> None:
    [mail] = OutgoingMail.objects.filter(kind="report", state=OutgoingMail.State.WAITING)
    assert send_from_outbox(organisation, mail.pk)


def test_the_day_holds_what_makes_counting_hard(organisation: OrganisationRef, day: date) -> None:
    """Were one of these missing, the comparisons above would show less than they say."""
    report, slowly = current(organisation, day), Slowly(organisation, day)
    kinds = f"SELECT count(DISTINCT conversation_id) FROM conversations_entry WHERE {HERE} AND kind"

    assert (report.version, report.reason) == (2, Report.Reason.RATINGS)  # somebody rated late
    assert slowly.one(f"{kinds} = 'conversation.reopened'") == 1
    assert slowly.one(f"{kinds} = 'specialist.asked'") == 1
    assert slowly.one(f"{kinds} = 'conversation.closed' AND payload->>'by' = 'system'") == 2
    assert slowly.one(f"SELECT count(*) FROM ({IN_TWO_HANDS}) two") == 1
    assert slowly.one(f"SELECT count(*) FROM conversations_conversation WHERE {AROUND}") == report.conversations + 2
    answered, shown = report.answered or 0, report.ratings_shown or 0
    assert 0 < answered < report.conversations
    assert 0 < report.ratings_given < shown < report.ratings_asked < report.conversations
    assert 0 < report.first_replies_kept < report.first_replies < report.conversations
    assert 0 < report.follow_ups_kept < report.follow_ups
