"""Behind every number are exactly as many rows as it says, under every filter."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from conversations.models import ContactRequest, Visitor
from knowledgebase.content import Content, TextContent
from knowledgebase.models import Feedback, Gap, Suggested, UnansweredTurn
from knowledgebase.services.articles import Editor, save_article
from ratings.behind import NUMBERS, PAGE_ROWS, Kind, Row, all_behind, can_tell, count_behind, count_in, page_behind
from ratings.reports import figures_of
from ratings.selection import Selection
from ratings.selectors import local_today
from tenants.context import OrganisationRef, in_organisation
from tenants.identifiers import uuid7
from tenants.models import Membership
from tenants.services import NewOrganisation, NewWebsite, create_account, create_organisation
from tests.cast import client_of
from tests.ratings.rows import a_conversation, a_mark, a_promise, an_answer, an_ask

PASSWORD = "correct horse battery"
FILTERS: list[dict[str, str]] = [
    {},
    {"website": "shop"},
    {"language": "nl"},
    {"topic": "delivery"},
    {"purpose": "advice"},
    {"website": "shop", "language": "en", "purpose": "problem"},
    {"website": "nowhere"},
]


@pytest.fixture(scope="module")
def organisation(platform_database: None) -> OrganisationRef:
    websites = [NewWebsite(key=key, name=key.title(), origins=[f"https://{key}.example"]) for key in ("shop", "club")]
    made = create_organisation(
        NewOrganisation(
            slug="behind", name="Behind", host="behind.localhost", time_zone="Europe/Amsterdam",
            languages=["en", "nl"], websites=websites,
        )
    )  # fmt: skip
    create_account("mia@behind.example", "Mia", PASSWORD, memberships=[(made, Membership.Role.MANAGER)])
    in_organisation(made, _write)
    return made


def _write(organisation: OrganisationRef) -> None:
    """24 conversations over three days, of every kind; every second one of the odd ones is in Dutch."""
    article = save_article(
        Editor(None, "Mia"), None, Content(slug="behind", texts={"en": TextContent("How long does it take?")})
    )
    for position in range(24):
        noon = noon_of(1 + position % 3)
        talk = a_conversation(
            organisation,
            noon,
            asked=position % 5 > 0,
            website_key="shop" if position % 2 else "club",
            language="nl" if position % 4 == 1 else "en",
            topic="delivery" if position % 3 else "",
            purpose=("problem", "advice", "")[position % 3],
            first_replied_at=noon if position % 6 else None,
            lead=(True, False, None)[position % 3],
            mood_end=(-2, 0, None)[position // 2 % 3],
        )
        outcomes = (("kept", 8.0), ("broken", 60.0), ("broken", None), ("abandoned", None), ("", None))
        a_promise(talk, 1, "first", noon, *outcomes[position % 5])
        if position % 5 < 4:
            a_promise(talk, 3, "follow_up", noon, *outcomes[position % 3])
            a_promise(talk, 5, "follow_up", noon, "kept", 4.0)
        if position % 5:
            ask = an_ask(talk, noon, ["expectation", "feeling", "solved"], shown=position % 3 > 0)
            an_answer(ask, "expectation", position % 3 + 1, noon)
            an_answer(ask, "feeling", (1, 4, None)[position % 3], noon)
            an_answer(ask, "solved", (3, 2, 1, None)[position % 4], noon)
        if position % 5 == 1:
            a_mark(talk, 1 + position % 10, noon)
        if position % 4 == 0:
            for seq in (1, 3):
                Suggested.objects.create(
                    conversation_id=talk, seq=seq, language="en", outcome="used", article=article, at=noon
                )
        if position % 4 == 2:
            UnansweredTurn.objects.create(conversation_id=talk, seq=1, language="en", question="Why?", at=noon)
        language = "nl" if position % 3 else "en"
        if position < 6:
            ContactRequest.objects.create(
                visitor=Visitor.objects.create(), cid=uuid7(), body="Why?", website_key="shop", language=language,
                reason="closed" if position else "call_back", created_at=noon,
            )  # fmt: skip
            is_merged = position == 5
            Gap.objects.create(
                language=language,
                question="Why?",
                first_at=noon,
                last_at=noon,
                state="merged" if is_merged else "open",
                state_before="open" if is_merged else "",
                merged_into=Gap.objects.first() if is_merged else None,
            )
            Feedback.objects.create(
                article=article, cid=uuid7(), version=1, at=noon, kind=("helped", "did_not_help", "wrong")[position % 3]
            )


def listed_behind(organisation: OrganisationRef, chosen: Selection, name: str) -> list[Row]:
    return list(all_behind(organisation, chosen, name))


def noon_of(days: int) -> datetime:
    day = local_today("Europe/Amsterdam") - timedelta(days=days)
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC)


def selection(days: int = 3, **narrowed: str) -> Selection:
    return Selection(first=noon_of(days).date(), last=noon_of(1).date(), **narrowed)


@pytest.mark.parametrize("days", [3, 1])
@pytest.mark.parametrize("narrowed", FILTERS)
def test_behind_every_number_are_as_many_rows_as_it_says(
    organisation: OrganisationRef, narrowed: dict[str, str], days: int
) -> None:
    chosen = selection(days, **narrowed)
    figures = in_organisation(organisation, figures_of, chosen)

    said, counted, listed = {}, {}, {}
    for name in NUMBERS:
        said[name] = count_in(figures, name)
        if can_tell(name, chosen):
            counted[name] = in_organisation(organisation, count_behind, chosen, name)
            listed[name] = len(in_organisation(organisation, listed_behind, chosen, name))

    assert counted == {name: count for name, count in said.items() if count is not None}
    assert listed == counted
    if not narrowed and days == 3:
        assert all(count > 0 for name, count in counted.items() if not name.startswith("mark_")), counted
        assert counted["first_late"] != counted["first_replies_kept"]
        assert sum(counted[f"mark_{mark}"] for mark in range(1, 11)) == counted["ratings_given"]


def test_a_row_says_what_is_known_of_its_conversation(organisation: OrganisationRef) -> None:
    rows = in_organisation(organisation, page_behind, selection(), "ratings_given", 1)

    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
    assert {row.mark for row in rows} == {2, 7}
    seventh = next(row for row in rows if row.at == noon_of(1) and row.mark == 7)
    assert (seventh.website, seventh.topic, seventh.purpose) == ("club", "", "problem")
    assert (seventh.first_wait, seventh.first_due, seventh.first_kept) == (60.0, 1, 0)
    assert (seventh.following_due, seventh.following_kept, seventh.expectation) == (2, 2, 1)


@pytest.fixture
def manager(organisation: OrganisationRef) -> Client:
    client = client_of("behind.localhost")
    client.post("/login/", {"username": "mia@behind.example", "password": PASSWORD})
    return client


def page(client: Client, chosen: Selection, name: str, **more: str) -> str:
    response = client.get(f"/admin/overview/behind/?{chosen.query(number=name, **more)}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_has_a_page_with_its_rows(organisation: OrganisationRef, manager: Client, name: str) -> None:
    count = in_organisation(organisation, count_behind, selection(), name)

    source = page(manager, selection(), name)

    assert f"<h2>{count} · " in source
    assert source.count('<th scope="row">') == count <= PAGE_ROWS


def test_rows_are_in_peoples_words(manager: Client) -> None:
    source = page(manager, selection(), "conversations")

    assert "<td>Shop</td><td>Dutch</td>" in source
    assert "<td>shop</td>" not in source
    assert "<td>nl</td>" not in source


def test_every_link_of_the_overview_leads_to_the_same_selection(manager: Client) -> None:
    chosen = selection(language="nl")

    source = manager.get(f"/admin/?{chosen.query(compare='none')}").content.decode()

    links = [part.split('"')[0] for part in source.split('href="/admin/overview/behind/?')[1:]]
    assert len(links) > 30
    assert all(link.endswith(f"&amp;{chosen.query(compare='none').replace('&', '&amp;')}") for link in links)


def test_what_a_selection_cannot_tell_is_said_with_the_reason(manager: Client) -> None:
    chosen = selection(topic="delivery")

    front = manager.get(f"/admin/?{chosen.query()}").content.decode()

    assert "a gap has no website, topic or purpose" in front
    assert "number=new_gaps" not in front
    assert "A gap has no website, topic or purpose." in page(manager, chosen, "new_gaps")


def test_a_number_that_does_not_exist_is_not_found(manager: Client) -> None:
    assert manager.get("/admin/overview/behind/?number=secrets").status_code == 404


def test_rows_of_other_kinds_lead_to_their_own_pages(manager: Client) -> None:
    kinds = {Kind.REQUEST: "contact_requests", Kind.GAP: "new_gaps", Kind.VERDICT: "verdicts"}
    paths = {
        Kind.REQUEST: "conversations/contactrequest",
        Kind.GAP: "knowledgebase/gap",
        Kind.VERDICT: "knowledgebase/article",
    }

    for kind, name in kinds.items():
        source = page(manager, selection(), name)
        link = source.split(f'href="/admin/{paths[kind]}/')[2 if kind == Kind.REQUEST else -1].split('"')[0]
        assert manager.get(f"/admin/{paths[kind]}/{link}").status_code == 200
