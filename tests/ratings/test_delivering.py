"""Reports by mail: once to everybody who chose them, numbers only, behind a log-in."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from pytest_django.fixtures import Settings

from conversations.models import OutgoingMail
from conversations.services.mailing import send_mail as send_from_outbox
from operators.models import DueWork
from ratings.delivering import is_worth_correcting
from ratings.models import Rating, Report, ReportDelivery, ReportSubscription
from ratings.selectors import local_today
from ratings.tasks import build_report
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Membership, User
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import client_of
from tests.ratings.documents_shelf import a_report
from tests.ratings.rows import a_conversation, a_mark, a_promise

PASSWORD = "correct horse battery"
PROBE = "<b>A visitor's own words</b>"
ZONE = "Europe/Amsterdam"
made = iter(range(1, 1000))


@pytest.fixture
def outbox(settings: Settings) -> list[EmailMultiAlternatives]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    django_mail.outbox = []
    return django_mail.outbox  # type: ignore[return-value]


@pytest.fixture
def organisation(platform_database: None) -> OrganisationRef:
    number = next(made)
    organisation = create_organisation(
        NewOrganisation(slug=f"mailed-{number}", name="Acme & Sons", host=f"mailed-{number}.localhost", time_zone=ZONE)
    )
    in_organisation(organisation, talks, yesterday(), 12)
    return organisation


def a_manager(organisation: OrganisationRef, name: str = "mia") -> User:
    email = f"{name}@{organisation.slug}.example"
    create_account(email, name, PASSWORD, memberships=[(organisation, Membership.Role.MANAGER)])
    return User.objects.get(email=email)


def yesterday() -> date:
    return local_today(ZONE) - timedelta(days=1)


def talks(organisation: OrganisationRef, day: date, count: int) -> None:
    noon = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
    for position in range(count):
        talk = a_conversation(organisation, noon)
        a_promise(talk, 1, "first", noon, "kept", 8.0)
        if position == 0:
            a_mark(talk, 9, noon, PROBE)


def subscribe(organisation: OrganisationRef, user: User, kind: str = "day", language: str = "en") -> ReportSubscription:
    def store(_organisation: OrganisationRef) -> ReportSubscription:
        return ReportSubscription.objects.create(account_id=user.pk, email=user.email, kind=kind, language=language)

    return in_organisation(organisation, store)


def build(organisation: OrganisationRef, day: date | None = None) -> None:
    build_report(organisation.schema_name, (day or yesterday()).isoformat())


def queued(organisation: OrganisationRef) -> list[OutgoingMail]:
    return in_organisation(
        organisation, lambda _: list(OutgoingMail.objects.filter(kind="report").order_by("created_at", "number"))
    )


def send(organisation: OrganisationRef) -> list[bool]:
    return [in_organisation(organisation, send_from_outbox, mail.pk) for mail in queued(organisation)]


def test_a_report_is_mailed_once_when_everything_runs_twice(
    organisation: OrganisationRef, outbox: list[EmailMultiAlternatives]
) -> None:  # rules 12 and 19
    mia = a_manager(organisation)
    subscribe(organisation, mia)

    build(organisation)
    build(organisation)
    sent = [send(organisation), send(organisation)]

    assert sent == [[True], [True]]
    [mail] = outbox
    [row] = queued(organisation)
    assert mail.to == [mia.email]
    assert mail.extra_headers["Message-ID"] == f"<{row.pk}@desk.localhost>"
    assert not DueWork.objects.filter(subject_id=row.pk).exists()
    assert mail.subject.startswith("Acme & Sons: daily report, ")


def test_a_lost_message_is_found_by_its_row_at_six_in_the_morning(organisation: OrganisationRef) -> None:  # rule 12
    subscribe(organisation, a_manager(organisation))

    build(organisation)

    [row] = queued(organisation)
    work = DueWork.objects.get(subject_id=row.pk)
    assert (work.schema_name, work.kind) == (organisation.schema_name, "mail")
    assert work.due_at >= datetime.combine(yesterday() + timedelta(days=1), time(6), tzinfo=ZoneInfo(ZONE))


def test_everybody_gets_what_they_chose_in_their_language(
    organisation: OrganisationRef, outbox: list[EmailMultiAlternatives]
) -> None:
    mia, jun, kees = (a_manager(organisation, name) for name in ("mia", "jun", "kees"))
    for user, kind, language in ((mia, "week", "en"), (jun, "day", "ja"), (kees, "day", "nl")):
        subscribe(organisation, user, kind, language)

    build(organisation)
    send(organisation)

    subjects = {mail.to[0]: mail.subject for mail in outbox}
    assert set(subjects) == {jun.email, kees.email}
    assert "日次レポート" in subjects[jun.email]
    assert "dagrapport" in subjects[kees.email]


def test_a_mail_holds_numbers_only_and_pictures_of_its_own(
    organisation: OrganisationRef, outbox: list[EmailMultiAlternatives]
) -> None:  # rule 39
    subscribe(organisation, a_manager(organisation))
    build(organisation)
    send(organisation)

    [mail] = outbox
    raw = mail.message()
    html = str(mail.alternatives[0][0])
    kinds = [part.get_content_type() for part in raw.walk()]
    assert kinds[:5] == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "image/png"]
    [picture] = [part for part in raw.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<course>"
    assert 'src="cid:course"' in html
    assert "Acme &amp; Sons" in html
    assert "100% (n = 12), promised within 20 s" in str(mail.body)
    for text in (html, str(mail.body)):
        assert "visitor's own words" not in text.replace("&#x27;", "'")
        assert "?" not in "".join(part for part in text.split() if "//" in part)  # no token, no session


def test_a_mail_brings_the_report_as_files(organisation: OrganisationRef, outbox: list[EmailMultiAlternatives]) -> None:
    mia = a_manager(organisation)
    subscribe(organisation, mia)
    build(organisation)
    send(organisation)
    report = in_organisation(organisation, lambda _: Report.objects.get(is_current=True))
    client = client_of(f"{organisation.slug}.localhost")
    client.post("/login/", {"username": mia.email, "password": PASSWORD})

    [mail] = outbox
    parts = [part for part in mail.message().walk() if part.get_filename()]
    files = {str(part.get_filename()): part.get_payload(decode=True) for part in parts}

    assert [name.rpartition(".")[2] for name in files] == ["png", "csv", "xlsx", "pdf"]
    downloaded = client.get(f"/admin/ratings/report/{report.pk}/file.csv")
    assert next(content for name, content in files.items() if name.endswith(".csv")) == downloaded.content


def test_both_links_lead_to_the_log_in(organisation: OrganisationRef, outbox: list[EmailMultiAlternatives]) -> None:
    subscribe(organisation, a_manager(organisation))
    build(organisation)
    send(organisation)
    [mail] = outbox
    links = [word for word in str(mail.body).split() if "://" in word]
    stranger = client_of(f"{organisation.slug}.localhost")

    assert len(links) == 2
    assert mail.extra_headers["List-Unsubscribe"] == f"<{links[1]}>"
    for link in links:
        path = "/" + link.split("/", 3)[3]
        response = stranger.get(path)
        assert (response.status_code, response.headers["Location"]) == (302, f"/login/?next={path}")
        assert b'name="password"' in stranger.get(response.headers["Location"]).content
        stranger.post("/login/", {"username": f"mia@{organisation.slug}.example", "password": PASSWORD})
        assert stranger.get(path).status_code == 200
        stranger.post("/logout/")


def test_who_stopped_the_mails_or_manages_no_more_gets_none(
    organisation: OrganisationRef, outbox: list[EmailMultiAlternatives]
) -> None:
    mia, kees = a_manager(organisation), a_manager(organisation, "kees")
    stopped = subscribe(organisation, mia)
    subscribe(organisation, kees)
    build(organisation)
    in_organisation(organisation, lambda _: ReportSubscription.objects.filter(pk=stopped.pk).delete())
    Membership.objects.filter(user=kees).delete()

    assert send(organisation) == [True, True]

    assert outbox == []
    assert {row.state for row in queued(organisation)} == {"dropped"}


def test_a_late_mark_makes_a_version_and_no_mail(
    organisation: OrganisationRef, outbox: list[EmailMultiAlternatives]
) -> None:
    subscribe(organisation, a_manager(organisation))
    build(organisation)
    send(organisation)
    in_organisation(organisation, lambda _: Rating.objects.update(mark=2))

    build(organisation)

    assert in_organisation(organisation, lambda _: Report.objects.get(is_current=True).version) == 2
    assert len(queued(organisation)) == 1


def test_a_correction_that_matters_is_mailed_once_and_says_so(
    organisation: OrganisationRef, outbox: list[EmailMultiAlternatives]
) -> None:
    subscribe(organisation, a_manager(organisation))
    build(organisation)
    send(organisation)

    for _time in range(2):
        in_organisation(organisation, talks, yesterday(), 12)
        build(organisation)
        send(organisation)

    assert len(outbox) == 2
    assert "corrected daily report" in outbox[1].subject
    assert "differs from the one you were sent" in str(outbox[1].body)
    assert [row.number for row in queued(organisation)] == [1, 2]
    [delivery] = in_organisation(organisation, lambda _: list(ReportDelivery.objects.select_related("report")))
    assert delivery.report is not None
    assert (delivery.mails, delivery.report.version) == (2, 2)


def test_what_changes_before_the_mail_is_sent_is_in_it(
    organisation: OrganisationRef, outbox: list[EmailMultiAlternatives]
) -> None:
    subscribe(organisation, a_manager(organisation))
    build(organisation)
    in_organisation(organisation, talks, yesterday(), 8)
    build(organisation)

    send(organisation)

    [mail] = outbox
    assert "Conversations: 20" in str(mail.body)
    assert "corrected" not in mail.subject


def test_a_mail_that_could_not_be_sent_yet_needs_no_correction(
    organisation: OrganisationRef, outbox: list[EmailMultiAlternatives], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_message: EmailMultiAlternatives) -> int:
        raise OSError

    subscribe(organisation, a_manager(organisation))
    build(organisation)
    with monkeypatch.context() as patched:
        patched.setattr(EmailMultiAlternatives, "send", refuse)
        assert send(organisation) == [False]
    in_organisation(organisation, talks, yesterday(), 12)
    build(organisation)

    assert send(organisation) == [True]

    [mail] = outbox
    assert "Conversations: 24" in str(mail.body)


def test_reports_that_are_caught_up_late_are_not_mailed(organisation: OrganisationRef) -> None:
    subscribe(organisation, a_manager(organisation))

    build(organisation, yesterday() - timedelta(days=3))

    assert queued(organisation) == []


@pytest.mark.parametrize(
    ("figures", "matters"),
    [
        ({}, False),
        ({"ratings_given": 90, "mark_sum": 90}, False),
        ({"conversations": 160}, False),
        ({"conversations": 171}, True),
        ({"first_replies_kept": 128}, False),
        ({"first_replies_kept": 125}, True),
        ({"first_replies": 9, "first_replies_kept": 0}, False),
        ({"follow_ups_kept": 300}, True),
    ],
)
def test_what_is_worth_correcting(figures: dict[str, Any], matters: bool) -> None:
    assert is_worth_correcting(a_report(), a_report(**figures)) is matters


def test_managers_choose_who_gets_which_reports(organisation: OrganisationRef) -> None:
    mia, kees = a_manager(organisation), a_manager(organisation, "kees")
    create_account("somebody@else.example", "Else", PASSWORD)
    client = client_of(f"{organisation.slug}.localhost")
    client.post("/login/", {"username": mia.email, "password": PASSWORD})
    path = "/admin/ratings/reportsubscription/add/"
    outsider = User.objects.get(email="somebody@else.example")

    added = client.post(path, {"account_id": str(kees.pk), "kind": "week", "language": "ja"})
    refused = [
        client.post(path, {"account_id": str(kees.pk), "kind": "week", "language": "en"}).status_code,
        client.post(path, {"account_id": str(outsider.pk), "kind": "day", "language": "en"}).status_code,
        client.post(path, {"account_id": str(mia.pk), "kind": "day", "language": "xx"}).status_code,
    ]

    assert added.status_code == 302
    assert refused == [200, 200, 200]  # the form again, with what is wrong
    rows = in_organisation(organisation, lambda _: list(ReportSubscription.objects.values_list("email", "language")))
    assert rows == [(kees.email, "ja")]
