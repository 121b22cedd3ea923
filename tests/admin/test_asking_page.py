"""What visitors are asked, on the organisation's site."""

from collections.abc import Iterator

import pytest
from django.test import Client

from ratings.asking import AskedFactor, ask_settings, factors_in
from ratings.factors import Factor
from ratings.models import AskedPair, AskSettings, FactorChoice
from ratings.sampling import next_pair
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord
from tests.cast import acme, globex, logged_in

PAGE = "/admin/ratings/asksettings/"


def forget(_organisation: OrganisationRef) -> None:
    AskSettings.objects.all().delete()
    FactorChoice.objects.all().delete()
    AskedPair.objects.all().delete()


@pytest.fixture
def maud(platform_database: None) -> Iterator[Client]:
    in_organisation(acme(), forget)
    yield logged_in("maud@acme.example", "acme.localhost")
    in_organisation(acme(), forget)


def posted(**changes: str | None) -> dict[str, str]:
    """The form as it is shown first, with these changes; None: not ticked."""
    fields: dict[str, str | None] = {"asks_solved": "on", "open_days": "14", "mail_after_days": "1"}
    for position, factor in enumerate(Factor.values, start=1):
        fields |= {f"asked-{factor}": "on", f"position-{factor}": str(position), f"wording-{factor}": ""}
    named = {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in {**fields, **named}.items() if value is not None}


def chosen(language: str, organisation: OrganisationRef | None = None) -> list[AskedFactor]:
    return in_organisation(organisation or acme(), lambda _: factors_in(language))


def audited() -> int:
    return AuditRecord.objects.filter(action__in=["factors.chosen", "ask_settings.changed"]).count()


def test_without_a_choice_everything_is_asked_in_the_shipped_words_and_order(maud: Client) -> None:
    page = maud.get(PAGE)

    assert page.status_code == 200
    assert [row["factor"] for row in page.context["rows"]] == Factor.values
    assert len(page.context["preview"]) == 12
    assert in_organisation(acme(), lambda _: (AskSettings.objects.count(), FactorChoice.objects.count())) == (0, 0)


def test_a_manager_chooses_factors_order_and_words_for_one_language(maud: Client) -> None:
    before = audited()
    in_organisation(acme(), lambda _: [next_pair("nl", Factor.values) for _ in range(3)])
    english, elsewhere = chosen("en"), chosen("nl", globex())

    changes = posted(asked__ease=None, position__trust="0", wording__trust="  Vertrouw je\nAcme? ")
    answered = maud.post(f"{PAGE}?language=nl", changes)

    assert answered.status_code == 302
    dutch = chosen("nl")
    assert dutch[0] == AskedFactor("trust", True, "Vertrouw je Acme?")
    assert [one.factor for one in dutch if not one.is_asked] == ["ease"]
    assert (chosen("en"), chosen("nl", globex())) == (english, elsewhere)
    assert audited() == before + 1
    # other factors than before: pairs are counted anew
    assert in_organisation(acme(), lambda _: AskedPair.objects.filter(language="nl").count()) == 0


def test_other_words_leave_the_counters_and_saving_the_same_twice_changes_nothing(maud: Client) -> None:
    maud.post(f"{PAGE}?language=nl", posted())
    before = audited()
    in_organisation(acme(), lambda _: next_pair("nl", Factor.values))

    maud.post(f"{PAGE}?language=nl", posted(wording__trust="Vertrouw je ons?"))
    maud.post(f"{PAGE}?language=nl", posted(wording__trust="Vertrouw je ons?"))

    assert audited() == before + 1
    assert in_organisation(acme(), lambda _: AskedPair.objects.filter(language="nl").count()) == 45


def test_the_preview_shows_the_words_in_their_language_and_stores_nothing(maud: Client) -> None:
    before = audited()

    page = maud.post(f"{PAGE}?language=nl", posted(preview="1", asked__ease=None, wording__trust="Vertrouw je ons?"))

    assert page.status_code == 200
    texts = [question.text for question in page.context["preview"]]
    assert "Vertrouw je ons?" in texts
    assert "Was deze chat makkelijk te gebruiken?" not in texts
    assert texts[0] == "Was het zoals je verwachtte?"
    assert "not saved yet" in page.content.decode()
    assert all(one.is_asked and not one.wording for one in chosen("nl"))
    assert audited() == before


def test_the_ways_of_asking_are_stored(maud: Client) -> None:
    maud.post(PAGE, posted(asks_solved=None, open_days="30", mails="on", mail_after_days="0"))

    stored = in_organisation(acme(), lambda _: ask_settings())
    assert (stored.asks_solved, stored.open_days, stored.mails, stored.mail_after_days) == (False, 30, True, 0)
    assert in_organisation(globex(), lambda _: AskSettings.objects.count()) == 0


@pytest.mark.parametrize(
    "wrong", [{"open_days": "0"}, {"open_days": "91"}, {"mail_after_days": "31"}, {"open_days": "x"}]
)
def test_impossible_days_are_refused_with_words(maud: Client, wrong: dict[str, str]) -> None:
    page = maud.post(PAGE, posted(**wrong))

    assert page.status_code == 200
    assert "1 to 90" in page.content.decode()
    assert in_organisation(acme(), lambda _: AskSettings.objects.count()) == 0


def test_too_many_words_are_refused_and_nothing_is_stored(maud: Client) -> None:
    page = maud.post(PAGE, posted(wording__trust="x" * 161, open_days="20"))

    assert "160" in page.content.decode()
    assert in_organisation(acme(), lambda _: (AskSettings.objects.count(), FactorChoice.objects.count())) == (0, 0)


def test_what_a_manager_wrote_is_shown_as_text(maud: Client) -> None:  # rule 39
    maud.post(PAGE, posted(wording__trust="<script>alert(1)</script>"))

    assert "<script>alert(1)" not in maud.get(PAGE).content.decode()


@pytest.mark.parametrize("email", ["mona@globex.example", "stan@acme.example", "olga@desk.example", "ada@desk.example"])
def test_nobody_else_sees_or_changes_it(platform_database: None, email: str) -> None:  # rule 17
    in_organisation(acme(), forget)
    stranger = logged_in(email, "acme.localhost")

    for answered in (stranger.get(PAGE), stranger.post(PAGE, posted(open_days="20"))):
        assert answered.status_code == 302
        assert answered["Location"].startswith("/login/")
    assert in_organisation(acme(), lambda _: (AskSettings.objects.count(), FactorChoice.objects.count())) == (0, 0)
