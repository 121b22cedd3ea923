"""Articles on the organisation's site: written, checked, published, looked back on, and taken back."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from knowledgebase.models import Article, ArticleVersion, Product, Revision, Topic, Variant
from tenants.clock import platform_now
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord, Membership
from tenants.services import NewOrganisation, create_account, create_organisation
from tests.cast import client_of, globex, logged_in

PASSWORD = "correct horse battery"
PAGE = "/admin/knowledgebase/article/"


@cache
def writing_client() -> OrganisationRef:
    organisation = create_organisation(
        NewOrganisation(slug="writing", name="Writing", host="writing.localhost", languages=("nl", "en"))
    )
    create_account("mia@writing.example", "Mia", PASSWORD, memberships=[(organisation, Membership.Role.MANAGER)])
    return organisation


@pytest.fixture
def mia() -> Iterator[Client]:
    """The manager's browser; there are no articles."""
    in_organisation(writing_client(), lambda _organisation: Article.objects.all().delete())
    AuditRecord.objects.filter(organisation_id=writing_client().id).delete()
    client = client_of("writing.localhost")
    client.post("/login/", {"username": "mia@writing.example", "password": PASSWORD})
    yield client


def stored(work: Any) -> Any:
    return in_organisation(writing_client(), lambda _organisation: work())


def article(slug: str = "returns") -> Article:
    found: Article = stored(
        lambda: Article.objects.select_related("topic").prefetch_related("texts", "variants", "versions").get(slug=slug)
    )
    return found


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


WRITTEN = {
    "based_on": "0",
    "audience": "operators",
    "slug": "returns",
    "text-en-title": "Sending something back",
    "text-en-variants": "How do I return it?\nCan I send it back?",
    "text-en-short_reply": "You can send it back within 30 days, {visitor}.",
    "text-en-points": "30 days\nunused",
    "text-en-long_text": "# Returns\n\nAsk for the order number.",
}


def write(client: Client, step: str = "", **changed: str) -> Article:
    data = WRITTEN | changed | ({"step": step} if step else {})
    answer = client.post(f"{PAGE}add/", data)
    assert answer.status_code == 302, words(answer)
    return article()


def change(client: Client, one: Article, step: str = "", **changed: str) -> Any:
    data = WRITTEN | {"based_on": str(one.version)} | changed | ({"step": step} if step else {})
    return client.post(f"{PAGE}{one.pk}/change/", data)


def test_the_empty_list_teaches() -> None:
    mia = client_of("writing.localhost")
    stored(lambda: Article.objects.all().delete())
    mia.post("/login/", {"username": "mia@writing.example", "password": PASSWORD})

    assert "Think of the question that visitors ask most." in words(mia.get(PAGE))


def test_one_form_makes_a_live_article(mia: Client) -> None:
    one = write(mia, "publish")

    [text] = one.texts.all()
    assert (one.state, text.language, text.title) == ("live", "en", "Sending something back")
    assert text.points == ["30 days", "unused"]
    assert sorted(variant.text for variant in one.variants.all()) == ["Can I send it back?", "How do I return it?"]
    assert (one.owner_name, one.owner_id) == ("", None)  # the form said so
    assert [(version.number, version.state, version.by_name) for version in one.versions.all()] == [
        (2, "live", "Mia"),
        (1, "draft", "Mia"),
    ]


def test_a_new_article_offers_its_writer_as_owner(mia: Client) -> None:
    page = mia.get(f"{PAGE}add/").content.decode()

    assert re.search(r'<option value="[0-9a-f-]{36}" selected>\s*Mia\s*</option>', page)


def test_an_article_that_cannot_be_published_is_not_saved_either(mia: Client) -> None:
    answer = mia.post(f"{PAGE}add/", WRITTEN | {"text-en-short_reply": "", "text-en-long_text": "", "step": "publish"})

    shown = words(answer)
    assert "Nothing was saved yet" in shown
    assert "Write an answer." in shown
    assert "Can I send it back?" in shown  # nothing that was typed is lost
    assert stored(Article.objects.count) == 0
    assert not AuditRecord.objects.filter(organisation_id=writing_client().id).exists()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"text-en-title": ""}, "Write a title."),
        ({"text-en-short_reply": "x" * 4001}, "At most 4000 characters; this has 4001."),
        ({"valid_from": "2040-02-02", "valid_until": "2040-02-01"}, "The last day is before the first."),
        ({"slug": "re turns"}, "Use letters, digits and hyphens."),
        ({"review_on": "soon"}, "Enter a valid date."),
        ({"owner": str(uuid4())}, "Select a valid choice."),
        ({"topic": "nothing-like-it"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_where_it_is_wrong(mia: Client, changed: dict[str, str], problem: str) -> None:
    answer = mia.post(f"{PAGE}add/", WRITTEN | changed)

    assert problem in words(answer)
    assert answer.content.decode().count("field-wrong") == 1
    assert stored(Article.objects.count) == 0


def test_all_that_an_article_has_is_kept_and_shown_again(mia: Client) -> None:
    stored(lambda: Topic.objects.get_or_create(slug="orders"))
    mia.post(f"{PAGE}add/", WRITTEN | {"slug": "warranty"})
    warranty = article("warranty")
    owner = next(iter(Membership.objects.filter(organisation_id=writing_client().id))).user_id
    more = {
        "audience": "visitors",
        "topic": "orders",
        "owner": str(owner),
        "source": "Terms, chapter 4",
        "valid_from": "2026-01-01",
        "valid_until": "2040-01-01",
        "review_on": "2039-01-01",
        "related": str(warranty.pk),
        "text-nl-title": "Terugsturen",
        "text-nl-short_reply": "{U kunt|Je kunt} het terugsturen.",
    }

    one = write(mia, **more)
    page = mia.get(f"{PAGE}{one.pk}/change/").content.decode()

    assert (one.audience, one.topic and one.topic.slug, one.owner_name) == ("visitors", "orders", "Mia")
    assert stored(lambda: list(one.related.values_list("slug", flat=True))) == ["warranty"]
    for shown in ("Terms, chapter 4", 'value="2039-01-01"', "Terugsturen", f'value="{warranty.pk}" selected'):
        assert shown in page


def test_the_same_again_makes_no_version(mia: Client) -> None:
    one = write(mia)

    change(mia, one)

    assert article().version == one.version == 1


def test_checking_and_publishing_say_who_and_why(mia: Client) -> None:
    one = write(mia)

    change(mia, one, "check", why="Please look at the term")
    change(mia, article(), "back", why="It is 14 days")
    change(mia, article(), "publish", why="Corrected")
    change(mia, article(), "retire")

    kept = stored(lambda: list(ArticleVersion.objects.filter(article=one).values_list("number", "state", "why")))
    assert kept == [
        (5, "retired", ""),
        (4, "live", "Corrected"),
        (3, "draft", "It is 14 days"),
        (2, "to_check", "Please look at the term"),
        (1, "draft", ""),
    ]


def test_a_change_of_a_live_article_is_live_at_once_and_can_be_undone(mia: Client) -> None:
    one = write(mia, "publish")
    before = stored(lambda: Revision.objects.get().number)

    answer = change(mia, one, **{"text-en-short_reply": "Within 14 days."})
    page = mia.get(answer["Location"]).content.decode()
    saved = article()

    assert "Saved." in page
    assert re.search(r'name="number" value="2"><button[^>]*name="undo"', page)
    assert saved.state == "live"
    assert [text.short_reply for text in saved.texts.all()] == ["Within 14 days."]
    assert stored(lambda: Revision.objects.get().number) > before

    mia.post(f"{PAGE}{one.pk}/return/", {"number": "2", "undo": "yes"})

    undone = article()
    assert (undone.state, undone.version) == ("live", 4)
    assert [text.short_reply for text in undone.texts.all()] == [WRITTEN["text-en-short_reply"]]


@pytest.mark.parametrize(("step", "before"), [("publish", "draft"), ("check", "draft"), ("retire", "draft")])
def test_every_step_can_be_undone(mia: Client, step: str, before: str) -> None:
    one = write(mia)
    change(mia, one, step)
    moved = article()

    mia.post(f"{PAGE}{one.pk}/return/", {"number": "1", "undo": "yes"})

    assert moved.state != before
    assert article().state == before


def test_publishing_together_with_the_first_answer_can_be_undone(mia: Client) -> None:
    empty = {"text-en-short_reply": "", "text-en-long_text": ""}
    one = write(mia, **empty)
    change(mia, one, "publish")

    mia.post(f"{PAGE}{one.pk}/return/", {"number": "1", "undo": "yes"})

    undone = article()
    assert undone.state == "draft"
    assert [text.short_reply for text in undone.texts.all()] == [""]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(mia: Client) -> None:
    one = write(mia)
    change(mia, one, **{"text-en-title": "Theirs"})

    answer = change(mia, one, **{"text-en-title": "Mine"})

    assert "Somebody else has changed this article meanwhile." in words(answer)
    assert "Mine" in answer.content.decode()
    assert [text.title for text in article().texts.all()] == ["Theirs"]


def test_versions_show_what_changed_word_by_word_and_bring_back(mia: Client) -> None:
    one = write(mia)
    change(mia, one, **{"text-en-short_reply": "You can send it back within 14 days, {visitor}."}, why="New terms")

    page = mia.get(f"{PAGE}{one.pk}/versions/").content.decode()

    assert "<del>30</del><ins>14</ins>" in page
    assert "New terms" in page
    assert "Mia" in page
    mia.post(f"{PAGE}{one.pk}/return/", {"number": "1"})
    restored = article()
    assert restored.version == 3
    assert [text.short_reply for text in restored.texts.all()] == [WRITTEN["text-en-short_reply"]]


def test_words_are_shown_as_text(mia: Client) -> None:  # rule 39
    probe = "<script>alert('x')</script>"
    one = write(mia, **{"text-en-title": probe, "text-en-short_reply": probe, "source": probe, "why": probe})
    stored(lambda: Variant.objects.create(article=one, language="en", text=probe, evened=probe, source="learned"))

    for path in (PAGE, f"{PAGE}{one.pk}/change/", f"{PAGE}{one.pk}/versions/"):
        assert "<script>alert" not in mia.get(path).content.decode(), path


def test_a_learned_question_is_rejected_and_taken_back(mia: Client) -> None:
    one = write(mia, "publish")
    learned: Variant = stored(
        lambda: Variant.objects.create(
            article=one, language="en", text="May I bring it back?", evened="may i bring it back?", source="learned"
        )
    )
    path = f"{PAGE}{one.pk}/question/"

    def state() -> str:
        found: str = stored(lambda: Variant.objects.get(pk=learned.pk).state)
        return found

    mia.post(path, {"question": str(learned.pk), "reject": "yes"})
    rejected = state()
    mia.post(path, {"question": str(learned.pk), "accept": "yes"})

    assert (rejected, state()) == ("rejected", "active")
    # What is learned is not the manager's to lose by saving the form.
    change(mia, article(), **{"text-en-title": "Another title"})
    assert state() == "active"


def test_a_question_of_another_article_is_not_there(mia: Client) -> None:
    one = write(mia)
    mia.post(f"{PAGE}add/", WRITTEN | {"slug": "warranty"})
    foreign = article("warranty").variants.all()[0]

    answer = mia.post(f"{PAGE}{one.pk}/question/", {"question": str(foreign.pk), "reject": "yes"})

    assert answer.status_code == 404
    assert stored(lambda: Variant.objects.get(pk=foreign.pk).state) == "active"


def test_the_list_marks_what_needs_attention(mia: Client) -> None:
    today = platform_now().date()
    write(mia, "publish", review_on=str(today - timedelta(days=3)))
    mia.post(f"{PAGE}add/", WRITTEN | {"slug": "old", "valid_until": str(today - timedelta(days=3)), "step": "publish"})
    mia.post(f"{PAGE}add/", WRITTEN | {"slug": "fine", "text-nl-title": "Prima"})

    def listed(query: str) -> set[str]:
        found = re.findall(
            r"/admin/knowledgebase/article/([0-9a-f-]{36})/change/", mia.get(PAGE + query).content.decode()
        )
        return {slugs[UUID(pk)] for pk in found}

    slugs = stored(lambda: dict(Article.objects.values_list("pk", "slug")))
    shown = words(mia.get(PAGE))

    assert "review overdue" in shown
    assert "expired" in shown
    assert listed("?attention=overdue") == {"returns"}
    assert listed("?attention=expired") == {"old"}
    assert listed("?attention=unowned") == {"returns", "old", "fine"}
    assert listed("?language=nl") == {"fine"}
    assert listed("?language=-nl") == {"returns", "old"}
    assert listed("?state__exact=draft") == {"fine"}
    assert listed("?q=prima") == {"fine"}
    assert listed("?q=send+it+back") == {"returns", "old", "fine"}


def test_another_organisations_article_is_like_none(mia: Client) -> None:  # rule 17
    one = write(mia, "publish")
    mona = logged_in("mona@globex.example", "globex.localhost")
    before = article().version

    for address in ("versions/", "return/", "question/"):
        for key in (one.pk, uuid4()):
            answer = mona.post(f"{PAGE}{key}/{address}", {"number": "1", "undo": "yes", "question": str(key)})
            assert answer.status_code == 404
    assert mona.post(f"{PAGE}{one.pk}/change/", WRITTEN).status_code == 302
    assert article().version == before
    assert in_organisation(globex(), lambda _organisation: Article.objects.filter(slug="returns").count()) == 0


def test_a_reply_is_previewed_in_both_forms_of_address(mia: Client) -> None:
    def previews(text: str, language: str) -> Any:
        return mia.post(f"{PAGE}preview/", {"text": text, "language": language}).json()["previews"]

    stored(
        lambda: Product.objects.update_or_create(slug="tent", defaults={"name": "Tent", "facts": {"price": "€ 249"}})
    )

    both = previews("{Uw|Je} tent kost {product.tent.price}, {visitor}. {product.tent.size}", "nl")

    assert both == [
        {
            "address": "formal",
            "text": "Uw tent kost € 249, Vera. {product.tent.size}",
            "missing": ["product.tent.size"],
        },
        {
            "address": "informal",
            "text": "Je tent kost € 249, Vera. {product.tent.size}",
            "missing": ["product.tent.size"],
        },
    ]
    assert previews("Hello.", "en") == [{"address": "", "text": "Hello.", "missing": []}]
    assert previews("x" * 4001, "en") == []


def test_the_log_holds_ids_and_no_words(mia: Client) -> None:  # rule 16
    one = write(mia, "publish")

    audited = AuditRecord.objects.filter(organisation_id=writing_client().id)
    assert list(audited.values_list("action", "subject_id")) == [("article.added", str(one.pk))]
