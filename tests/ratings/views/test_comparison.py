"""The page of operators beside each other: one client at a time, for supervisors, in the order of names."""

import re
from datetime import timedelta
from functools import cache

import pytest

from ratings.selectors import day_start, local_today
from tenants.context import OrganisationRef, in_organisation
from tenants.services import NewOrganisation, create_organisation
from tests.cast import client_of, logged_in, olga, omar
from tests.ratings.test_fairness import a_talk

SUPERVISOR = "sam@desk.example"


@cache
def shop() -> OrganisationRef:
    """For the same purpose Olga got marks around 9 yesterday, Omar around 6; a hundred days ago she got around 3."""
    olga()
    organisation = create_organisation(
        NewOrganisation(slug="fair-page", name="Fair page", host="fair-page.localhost", time_zone="UTC")
    )
    yesterday = day_start("UTC", local_today("UTC") - timedelta(days=1))

    def lay(organisation: OrganisationRef) -> None:
        for number in range(40):
            up, down = number % 2, yesterday - timedelta(days=100)
            a_talk(organisation, 8 + 2 * up, "problem", [olga()], at=yesterday)
            a_talk(organisation, 5 + 2 * up, "problem", [omar()], at=yesterday)
            a_talk(organisation, 2 + 2 * up, "problem", [olga()], at=down)
        for _ in range(3):
            a_talk(organisation, 1, "problem", [omar()], at=yesterday)

    in_organisation(organisation, lay)
    return organisation


def page(query: str = "", email: str = SUPERVISOR) -> str:
    """The page's words, white space made one."""
    response = logged_in(email).get(f"/comparison/{query}")
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_supervisor_sees_each_operator_beside_the_others_with_n_and_interval() -> None:
    text = page(f"?client={shop().slug}")

    pattern = (
        r"(\w+) mean mark (\S+) \(95%: (\S+) to (\S+); n = (\d+)\) (\S+) (\S+) to (\S+) (\d+) (\w+) (?:be )?chance"
    )
    rows = re.findall(pattern, text)
    assert [row[0] for row in rows] == ["Olga", "Omar"]
    assert [(row[1], row[4], row[8], row[9]) for row in rows] == [
        ("9.0", "40", "40", "beyond"),
        ("5.7", "43", "43", "beyond"),
    ]
    for row, sign in zip(rows, "+−", strict=True):
        assert all(number.startswith(sign) for number in row[5:8])
    assert re.search(r"Mean mark of all: 7\.3 \(95%: \d\.\d to \d\.\d; n = 83\)\.", text)
    assert "this is no ranking" in text


def test_the_days_are_chosen_and_wrong_ones_are_the_usual_ninety() -> None:
    slug = shop().slug

    assert "n = 83" in page(f"?client={slug}&days=90")
    assert "n = 123" in page(f"?client={slug}&days=180")
    assert page(f"?client={slug}&days=90000") == page(f"?client={slug}")


def test_one_client_is_shown_at_a_time_and_one_without_marks_says_so() -> None:
    shop()
    create_organisation(NewOrganisation(slug="fair-empty", name="Fair empty", host="fair-empty.localhost"))

    text = page("?client=fair-empty")

    assert "No visitor of this client marked a conversation in these days." in text
    assert "mean mark" not in text
    assert page("?client=no-such-client") == page()


@pytest.mark.parametrize("email", ["olga@desk.example", "ada@desk.example"])
def test_nobody_else_at_the_desk_finds_it(email: str) -> None:
    assert logged_in(email).get("/comparison/").status_code == 404


def test_a_stranger_is_sent_to_log_in() -> None:
    response = client_of("desk.localhost").get("/comparison/")

    assert (response.status_code, response.headers["Location"]) == (302, "/login/?next=/comparison/")
