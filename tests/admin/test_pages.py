"""What managers see: figures with their n, visitors' words as text, and pages that teach while they are empty."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from conversations.models import ContactRequest, Conversation, Entry, Visitor
from ratings.selectors import local_today
from ratings.services import build_report
from tenants.context import OrganisationRef, in_organisation
from tenants.identifiers import uuid7
from tenants.models import Membership
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import client_of
from tests.chromium import outside_browser
from tests.ratings.rows import a_conversation, a_mark, a_promise
from tests.servers import WebServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

PROBE = "<script>alert('x')</script><img src=x onerror=alert(1)>"
PASSWORD = "correct horse battery"


def a_client(slug: str) -> tuple[OrganisationRef, str]:
    """An organisation of the test's own with a manager, and the manager's address."""
    organisation = create_organisation(
        NewOrganisation(slug=slug, name=slug.title(), host=f"{slug}.localhost", time_zone="Europe/Amsterdam")
    )
    email = f"manager@{slug}.example"
    create_account(email, "Mia", PASSWORD, memberships=[(organisation, Membership.Role.MANAGER)])
    return organisation, email


def page_of(organisation: OrganisationRef, email: str, path: str = "/admin/") -> str:
    """The page's words, scripts and markup gone and white space made one."""
    return " ".join(re.sub(r"<[^>]+>", " ", source_of(organisation, email, path)).split())


def source_of(organisation: OrganisationRef, email: str, path: str) -> str:
    client = client_of(f"{organisation.slug}.localhost")
    client.post("/login/", {"username": email, "password": PASSWORD})
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def a_counted_yesterday(organisation: OrganisationRef) -> UUID:
    """Three conversations, two answered in time, one of them with a mark and hostile words."""
    yesterday = local_today(organisation.time_zone) - timedelta(days=1)
    noon = datetime(yesterday.year, yesterday.month, yesterday.day, 11, tzinfo=UTC)
    marked = uuid7()
    for position, (outcome, waited) in enumerate((("kept", 8.0), ("kept", 12.0), ("broken", 75.0))):
        conversation_id = a_conversation(organisation, noon)
        a_promise(conversation_id, 1, "first", noon, outcome, waited)
        if position == 0:
            marked = conversation_id
            a_mark(conversation_id, 9, noon, PROBE)
            Visitor.objects.filter(conversations=conversation_id).update(name=PROBE)
            Conversation.objects.filter(pk=conversation_id).update(page_title=PROBE, page_url="javascript:alert(1)")
            Entry.objects.create(
                conversation_id=conversation_id, seq=1, kind="message.sent", sender_kind="visitor", body=PROBE, at=noon
            )
    build_report(organisation, yesterday)
    return marked


def test_an_empty_site_teaches_instead_of_showing_zeroes() -> None:
    organisation, email = a_client("page-empty")

    front = page_of(organisation, email)
    reports = page_of(organisation, email, "/admin/ratings/report/")

    assert "Your figures begin with your first conversation" in front
    assert "0%" not in front
    assert "The first report is built in the night after your first day with conversations." in reports


def test_every_share_and_mean_stands_beside_its_n() -> None:
    organisation, email = a_client("page-counted")
    in_organisation(organisation, a_counted_yesterday)

    front = page_of(organisation, email)

    assert "First replies in time 67% n = 3" in front  # its card
    assert "First replies in time · promised within 20 s 67% n = 3" in front  # the table of all figures
    assert "Half of them within · promised within 20 s 12 s" in front
    assert "Nine in ten within · promised within 20 s 1 min 2 s" in front
    assert "Mean mark 9.0 n = 1" in front
    assert "Gave a mark when asked 33% n = 3" in front
    # Nothing was due, so there is no number.
    assert "Following replies in time – n = 0" in front
    assert "2 in time, 1 too late" in front
    assert "1 came too late" in front


def test_the_days_report_explains_its_figures() -> None:
    organisation, email = a_client("page-report")
    in_organisation(organisation, a_counted_yesterday)
    listing = source_of(organisation, email, "/admin/ratings/report/")
    link = re.search(r'href="(/admin/ratings/report/[0-9a-f-]{36}/change/)', listing)
    assert link is not None

    report = page_of(organisation, email, link.group(1))

    assert "67% (n = 3)" in " ".join(re.sub(r"<[^>]+>", " ", listing).split())
    assert "First replies in time · promised within 20 s 67% n = 3" in report
    assert "The day of the visitor's first message, in Europe/Amsterdam." in report.replace("&#x27;", "'")


def test_a_week_is_listed_apart_and_a_corrected_one_shows_its_versions() -> None:
    organisation, email = a_client("page-weeks")
    in_organisation(organisation, a_counted_yesterday)
    yesterday = local_today(organisation.time_zone) - timedelta(days=1)
    noon = datetime(yesterday.year, yesterday.month, yesterday.day, 11, tzinfo=UTC)
    first = in_organisation(organisation, build_report, yesterday, "week")
    in_organisation(organisation, a_conversation, noon)
    in_organisation(organisation, build_report, yesterday, "week")

    days = source_of(organisation, email, "/admin/ratings/report/")
    weeks = source_of(organisation, email, "/admin/ratings/report/?period=week")
    links = re.findall(r'href="(/admin/ratings/report/[0-9a-f-]{36}/change/)', weeks)
    newest = page_of(organisation, email, links[0])
    oldest = page_of(organisation, email, f"/admin/ratings/report/{first.pk}/change/")

    assert "Week " not in page_of(organisation, email, "/admin/ratings/report/")
    assert len(set(links)) == 1
    assert links[0] not in days
    assert "conversations went on 4" in newest
    assert "first count 3" in newest
    assert "replaced by a newer one" in oldest
    assert "replaced by a newer one" not in newest


def test_a_kept_question_says_why_and_leads_to_what_was_said() -> None:
    organisation, email = a_client("page-kept")

    def keep(organisation: OrganisationRef) -> tuple[UUID, UUID]:
        conversation_id = a_conversation(organisation, datetime(2026, 1, 15, 12, tzinfo=UTC))
        conversation = Conversation.objects.get(pk=conversation_id)
        kept = ContactRequest.objects.create(
            visitor=conversation.visitor, cid=uuid7(), conversation=conversation, reason="closing_time",
            body="Is it waterproof?", website_key="shop", language="en",
        )  # fmt: skip
        return conversation_id, kept.pk

    conversation_id, kept = in_organisation(organisation, keep)

    assert "still waiting at closing time" in page_of(organisation, email, "/admin/conversations/contactrequest/")
    source = source_of(organisation, email, f"/admin/conversations/contactrequest/{kept}/change/")
    assert f'href="/admin/conversations/conversation/{conversation_id}/change/"' in source
    assert "1 contact request waits for an answer by e-mail" in page_of(organisation, email)


def test_what_a_visitor_wrote_is_shown_as_text_everywhere() -> None:  # rule 39
    organisation, email = a_client("page-hostile")
    marked = in_organisation(organisation, a_counted_yesterday)

    def ask(_organisation: OrganisationRef) -> UUID:
        return ContactRequest.objects.create(
            visitor=Visitor.objects.create(),
            cid=uuid7(),
            name=PROBE,
            email="vera@example.com",
            body=PROBE,
            website_key="shop",
            page_url="javascript:alert(1)",
            language="en",
        ).pk

    contact = in_organisation(organisation, ask)

    for path in (
        "/admin/",
        "/admin/ratings/rating/",
        f"/admin/conversations/conversation/{marked}/change/",
        "/admin/conversations/conversation/",
        "/admin/conversations/contactrequest/",
        f"/admin/conversations/contactrequest/{contact}/change/",
    ):
        source = source_of(organisation, email, path)
        assert "<script>alert" not in source, path
        assert "<img src=x" not in source, path
        assert 'href="javascript:' not in source, path
    thread = source_of(organisation, email, f"/admin/conversations/conversation/{marked}/change/")
    assert thread.count("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;") >= 3


def test_times_are_shown_in_the_organisations_own_zone() -> None:
    organisation, email = a_client("page-zone")

    def winter(organisation: OrganisationRef) -> UUID:
        return a_conversation(organisation, datetime(2026, 1, 15, 23, 30, tzinfo=UTC))

    conversation_id = in_organisation(organisation, winter)

    thread = page_of(organisation, email, f"/admin/conversations/conversation/{conversation_id}/change/")

    assert "16 January 2026, 00:30" in thread


def test_a_conversation_is_told_in_peoples_words() -> None:
    organisation, email = a_client("page-told")
    marked = in_organisation(organisation, a_counted_yesterday)

    source = source_of(organisation, email, f"/admin/conversations/conversation/{marked}/change/")

    assert re.search(r"<title>\s*Conversation of \d+ \w+ \d{4}, \d\d:\d\d \| Page-Told", source)
    assert "<dd>English</dd>" in source
    assert '<span class="tag tag-kept">in time</span>' in source


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_front_page_fits_and_runs_without_errors(
    page: "Page", web_server: WebServer, width: int, scheme: str
) -> None:
    slug = f"page-{scheme}-{width}"
    with outside_browser():
        organisation, email = a_client(slug)
        in_organisation(organisation, a_counted_yesterday)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    page.goto(web_server.url(f"{slug}.localhost", "/admin/"))
    page.fill("[name=username]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button-main")
    page.wait_for_selector(".cards")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_by_role("img", name="Replies per day, in time and too late").first.is_visible()
    assert page.locator(".plot rect.kept").count() == 1
    assert page.evaluate("document.documentElement.classList.contains('dark')") is (scheme == "dark")
