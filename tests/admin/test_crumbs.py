"""Where a page stands, and what its tab says: the menu's words and people's names, never the code's."""

import re
from datetime import UTC, datetime
from html import unescape
from uuid import UUID

import pytest
from django.test import Client

from conversations.models import ContactRequest, Conversation, Escalation, Specialist, Visitor
from knowledgebase.models import Topic
from ratings.models import Rating, ReportSubscription
from ratings.services import build_report
from tenants.admin_crumbs import Crumb, crumbs
from tenants.context import OrganisationRef, in_organisation
from tenants.identifiers import uuid7
from tenants.models import User, Website
from tests.admin.test_pages import PASSWORD, a_client
from tests.cast import DESK, client_of, logged_in, page_and_queries
from tests.ratings.rows import a_conversation, a_mark

NOON = datetime(2026, 1, 15, 11, tzinfo=UTC)
MENU = {
    "sidebar_navigation": [
        {"title": None, "items": [{"title": "Overview", "link": "/admin/"}]},
        {
            "title": "Figures",
            "items": [
                {"title": "Reports", "link": "/admin/ratings/report/"},
                {"title": "Brand", "link": "/admin/brand/"},
            ],
        },
    ]
}


def test_a_list_stands_under_the_front_page() -> None:
    way = crumbs("/admin/ratings/report/", {**MENU, "title": "Select report to view", "subtitle": None})

    assert way == [Crumb("Overview", "/admin/"), Crumb("Reports")]


def test_a_row_stands_under_its_list() -> None:
    way = crumbs("/admin/ratings/report/7/change/", {**MENU, "title": "Reports", "subtitle": "Thursday"})

    assert way == [Crumb("Overview", "/admin/"), Crumb("Reports", "/admin/ratings/report/"), Crumb("Thursday")]


def test_what_is_done_with_a_row_stands_under_the_row() -> None:
    way = crumbs(
        "/admin/ratings/report/7/history/",
        {**MENU, "title": "History", "subtitle": "Thursday", "row_address": "/admin/ratings/report/7/change/"},
    )

    assert way[1:] == [
        Crumb("Reports", "/admin/ratings/report/"),
        Crumb("Thursday", "/admin/ratings/report/7/change/"),
        Crumb("History"),
    ]


def test_a_page_that_is_in_no_menu_stands_under_the_front_page() -> None:
    assert crumbs("/admin/overview/behind/", {**MENU, "title": "Leads"}) == [
        Crumb("Overview", "/admin/"),
        Crumb("Leads"),
    ]


def test_the_front_page_stands_under_nothing() -> None:
    assert crumbs("/admin/", {**MENU, "title": "How it went"}) == [Crumb("How it went")]


def manager_of(organisation: OrganisationRef, email: str) -> Client:
    client = client_of(f"{organisation.slug}.localhost")
    client.post("/login/", {"username": email, "password": PASSWORD})
    return client


def head_of(client: Client, path: str) -> tuple[list[tuple[str, str]], str]:
    """The crumbs with their links, and the title of the tab."""
    response = client.get(path)
    assert response.status_code == 200, path
    source = response.content.decode()
    heading = re.search(r"<h1.*?</h1>", source, re.DOTALL)
    tab = re.search(r"<title>(.*?)</title>", source, re.DOTALL)
    assert heading is not None
    assert tab is not None
    found = re.findall(r'<(?:a href="([^"]+)"|span) class="align-middle inline[^"]*tracking[^"]*">([^<]*)<', heading[0])
    return [(link, unescape(text)) for link, text in found], unescape(" ".join(tab[1].split()))


def contents_of(client: Client, path: str) -> str:
    return own_part(client.get(path).content.decode())


def own_part(page: str) -> str:
    """Without the menu of languages above it, which says codes."""
    return page.split('<div id="content"')[1]


def test_pages_of_rows_say_what_they_are_of() -> None:
    organisation, email = a_client("crumbs-rows")

    def rows(organisation: OrganisationRef) -> dict[str, UUID]:
        conversation_id = a_conversation(organisation, NOON)
        a_mark(conversation_id, 9, NOON)
        asked = ContactRequest.objects.create(
            visitor=Visitor.objects.create(), cid=uuid7(), body="Hello?", website_key="shop", language="en"
        )
        ContactRequest.objects.filter(pk=asked.pk).update(created_at=NOON)
        mailed = ReportSubscription.objects.create(
            account_id=User.objects.get(email=email).pk, email=email, kind="week", language="en"
        )
        return {
            "ratings/rating": Rating.objects.get(conversation=conversation_id).pk,
            "ratings/report": build_report(organisation, NOON.date()).pk,
            "ratings/reportsubscription": mailed.pk,
            "conversations/conversation": conversation_id,
            "conversations/contactrequest": asked.pk,
        }

    made = in_organisation(organisation, rows)
    client = manager_of(organisation, email)
    heads = {table: head_of(client, f"/admin/{table}/{pk}/change/") for table, pk in made.items()}

    assert {table: crumbs[1:] for table, (crumbs, _tab) in heads.items()} == {
        "ratings/rating": [("/admin/ratings/rating/", "Ratings"), ("", "15 January 2026, 12:00 · 9")],
        "ratings/report": [("/admin/ratings/report/", "Reports"), ("", "Thursday 15 January 2026")],
        "ratings/reportsubscription": [
            ("/admin/ratings/reportsubscription/", "Reports by mail"),
            ("", f"{email} · week"),
        ],
        "conversations/conversation": [
            ("/admin/conversations/conversation/", "Conversations"),
            ("", "Conversation of 15 January 2026, 12:00"),
        ],
        "conversations/contactrequest": [
            ("/admin/conversations/contactrequest/", "Contact requests"),
            ("", "15 January 2026, 12:00"),
        ],
    }
    assert all(crumbs[0] == ("/admin/", "Overview") for crumbs, _tab in heads.values())
    assert heads["ratings/rating"][1] == "15 January 2026, 12:00 · 9 | Ratings | Crumbs-Rows"
    assert heads["ratings/reportsubscription"][1].startswith(f"{email} · week | ")


def test_a_page_without_a_list_is_called_as_in_the_menu() -> None:
    organisation, email = a_client("crumbs-settings")
    client = manager_of(organisation, email)

    for path, name in (
        ("/admin/knowledgebase/helpsettings/1/change/", "Instant answers"),
        (f"/admin/tenants/organisation/{organisation.id}/change/", "Texts and promises"),
    ):
        way, tab = head_of(client, path)
        assert [text for _link, text in way] == ["Overview", name]
        assert tab == f"{name} | Crumbs-Settings"


def test_the_history_of_a_row_leads_back_to_it() -> None:
    ada = logged_in("ada@desk.example", DESK)
    account = User.objects.get(email="olga@desk.example")

    way, tab = head_of(ada, f"/admin/tenants/user/{account.pk}/history/")

    assert [text for _link, text in way[2:]] == ["olga@desk.example", "History"]
    assert way[2][0] == f"/admin/tenants/user/{account.pk}/change/"
    assert tab == "olga@desk.example | History | The platform"


@pytest.mark.parametrize("path", ["/admin/ratings/", "/admin/conversations/"])
def test_there_are_no_pages_of_the_codes_parts(path: str) -> None:
    organisation, email = a_client(f"crumbs-parts-{path.split('/')[2]}")

    assert manager_of(organisation, email).get(path).status_code == 404


def test_conversations_are_listed_in_peoples_words_with_as_many_queries_as_one() -> None:
    organisation, email = a_client("crumbs-names")
    Website.objects.create(organisation_id=organisation.id, key="shop", name="The shop", origins=[])

    def talk(organisation: OrganisationRef) -> None:
        Conversation.objects.filter(pk=a_conversation(organisation, NOON)).update(
            website_key="shop", language="nl", topic="delivery"
        )

    def topic(_organisation: OrganisationRef) -> None:
        Topic.objects.create(slug="delivery").labels.create(language="en", label="Where is my parcel")

    in_organisation(organisation, topic)
    in_organisation(organisation, talk)
    client = manager_of(organisation, email)
    _page, with_one = page_and_queries(client, "/admin/conversations/conversation/")
    for _more in range(5):
        in_organisation(organisation, talk)
    page, with_six = page_and_queries(client, "/admin/conversations/conversation/")
    source = own_part(page)

    assert with_six == with_one
    words = " ".join(re.sub(r"<[^>]+>", " ", source).split())
    assert words.count("The shop") >= 6
    assert words.count("Where is my parcel") == 6
    assert words.count("Dutch") >= 6
    assert re.search(r">\s*(nl|shop|delivery)\s*<", source) is None


def test_a_contact_request_names_its_website_and_language() -> None:
    organisation, email = a_client("crumbs-asked")
    Website.objects.create(organisation_id=organisation.id, key="shop", name="The shop", origins=[])

    def ask(_organisation: OrganisationRef) -> UUID:
        return ContactRequest.objects.create(
            visitor=Visitor.objects.create(), cid=uuid7(), body="Hello?", website_key="shop", language="nl"
        ).pk

    asked = in_organisation(organisation, ask)
    client = manager_of(organisation, email)
    source = contents_of(client, f"/admin/conversations/contactrequest/{asked}/change/")
    listing = contents_of(client, "/admin/conversations/contactrequest/")

    assert "The shop" in source
    assert re.search(r">\s*Dutch\s*<", source)
    assert re.search(r">\s*(nl|shop)\s*<", source + listing) is None


def test_questions_to_specialists_and_the_specialists_themselves_name_their_topics() -> None:
    organisation, email = a_client("crumbs-experts")

    def hand_over(organisation: OrganisationRef) -> UUID:
        Topic.objects.create(slug="fit").labels.create(language="en", label="Does it fit me")
        Specialist.objects.create(name="Greta", email="greta@example.org", topics=["fit"])
        return Escalation.objects.create(
            conversation_id=a_conversation(organisation, NOON), cid=uuid7(), topic="fit", reason="?",
            asked_by_id=uuid7(), asked_by_name="Olga", asked_at=NOON,
        ).pk  # fmt: skip

    asked = in_organisation(organisation, hand_over)
    client = manager_of(organisation, email)
    listing = contents_of(client, "/admin/conversations/escalation/")
    pages = [
        listing,
        contents_of(client, f"/admin/conversations/escalation/{asked}/change/"),
        contents_of(client, "/admin/conversations/specialist/"),
    ]

    for source in pages:
        assert "Does it fit me" in source
        assert re.search(r">\s*fit\s*<", source) is None
    assert listing.count("Does it fit me") >= 2  # the row and the filter
