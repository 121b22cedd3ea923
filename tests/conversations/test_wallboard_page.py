"""Who gets the wallboard and its numbers, and in which words they are asked for."""

import json
import re
from collections.abc import Callable

import pytest

from chatplatform.demo import PASSWORD
from operators.selectors import OperatorRef
from tests.cast import DESK, account, acme, client_of, logged_in
from tests.conversations.scene import lay_conversation

Hire = Callable[..., OperatorRef]
SAM = "sam@desk.example"


def test_supervisors_get_the_wallboard_with_its_words() -> None:
    response = logged_in(SAM).get("/wallboard/")

    found = re.search(
        r'<script id="wallboard-config" type="application/json">(.*?)</script>', response.content.decode()
    )
    assert found is not None
    config = json.loads(found[1])
    assert config["supervisor"] == {"id": str(account(SAM).pk), "name": "Sam"}
    assert "'nonce-" in response.headers["Content-Security-Policy"]
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/wallboard/", "/api/wallboard", "/api/wallboard/conversations?number=waiting"])
def test_for_everybody_else_there_is_no_wallboard(path: str) -> None:
    # rule 17
    account(SAM)
    for email in ("olga@desk.example", "ada@desk.example", "maud@acme.example"):
        response = logged_in(email).get(path)
        assert response.status_code == 404, email
        assert "wallboard-config" not in response.content.decode()
    assert logged_in(SAM, "acme.localhost").get(path).status_code == 404
    stranger = client_of(DESK).get(path)
    if path == "/wallboard/":
        assert stranger.headers["Location"] == "/login/?next=/wallboard/"
    else:
        assert stranger.status_code == 404


@pytest.mark.parametrize(
    ("email", "wanted", "place"),
    [
        (SAM, "", "/wallboard/"),
        (SAM, "/", "/wallboard/"),
        (SAM, "/admin/", "/admin/"),
        ("olga@desk.example", "/", "/"),
    ],
)
def test_logging_in_leads_to_where_one_works(email: str, wanted: str, place: str) -> None:
    account(email)
    response = client_of(DESK).post("/login/", {"username": email, "password": PASSWORD, "next": wanted})

    assert (response.status_code, response.headers["Location"]) == (302, place)


def test_numbers_come_for_all_clients_and_for_one() -> None:
    acme()
    sam = logged_in(SAM)

    whole, acmes = sam.get("/api/wallboard"), sam.get("/api/wallboard?organisation=acme")

    assert (whole.json()["board"]["organisation"], acmes.json()["board"]["organisation"]) == (None, "acme")
    assert {"acme", "globex"} <= {client["slug"] for client in whole.json()["board"]["clients"]}
    assert "no-store" in whole.headers["Cache-Control"]
    assert sam.get("/api/wallboard?organisation=no-such").status_code == 404


def test_a_number_opens_to_its_conversations(hire: Hire) -> None:
    olga = hire(acme())
    held = lay_conversation(acme(), operator=olga)

    address = f"/api/wallboard/conversations?number=held&organisation=acme&operator={olga.id}"
    answer = logged_in(SAM).get(address).json()

    assert [line["conversation"] for line in answer["conversations"]] == [str(held.id)]
    assert answer["conversations"][0]["operator"] == {"id": str(olga.id), "name": "Olga"}
    assert answer["total"] == 1


@pytest.mark.parametrize("query", ["", "number=nothing", "number=held&operator=olga", "number=turns&half_hour=noon"])
def test_a_question_that_is_none_is_refused(query: str) -> None:
    response = logged_in(SAM).get(f"/api/wallboard/conversations?{query}")

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
