"""Who gets the desk's page, and what it carries."""

import json
import re

from tests.cast import DESK, account, client_of, logged_in


def test_operators_get_the_desk() -> None:
    for email in ("olga@desk.example", "omar@desk.example", "sam@desk.example"):
        response = logged_in(email).get("/")
        assert response.status_code == 200
        assert 'id="desk-config"' in response.content.decode()


def test_everybody_else_is_sent_where_they_belong() -> None:
    account("olga@desk.example")

    assert client_of(DESK).get("/").headers["Location"] == "/login/?next=/"
    assert logged_in("ada@desk.example").get("/").headers["Location"] == "/admin/"
    # A manager of an organisation answers no visitors: the socket would refuse them.
    nothing = logged_in("maud@acme.example").get("/")
    assert nothing.status_code == 404
    assert "desk-config" not in nothing.content.decode()


def test_only_supervisors_are_shown_the_way_to_the_wallboard() -> None:
    for email, way in (("olga@desk.example", "null"), ("sam@desk.example", '"/wallboard/"')):
        assert f'"wallboard_path": {way}' in logged_in(email).get("/").content.decode()


def test_the_organisations_hosts_have_no_desk() -> None:
    response = logged_in("olga@desk.example", "acme.localhost").get("/")

    assert response.headers["Location"] == "/admin/"


def test_the_page_names_its_operator_and_carries_every_word() -> None:
    body = logged_in("olga@desk.example").get("/").content.decode()

    found = re.search(r'<script id="desk-config" type="application/json">(.*?)</script>', body, re.S)
    assert found is not None
    config = json.loads(found[1])
    assert config["operator"] == {"id": str(account("olga@desk.example").pk), "name": "Olga"}
    assert (config["language"], config["locale"]) == ("en", "en-GB")
    assert [language["code"] for language in config["languages"]] == ["en", "nl", "ja"]
    assert all(isinstance(text, str) and text for text in config["texts"].values())


def test_the_desks_policy_allows_its_own_scripts_and_socket_only() -> None:
    response = logged_in("olga@desk.example").get("/")

    policy = response.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    host = response.wsgi_request.get_host()
    assert policy == (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce[1]}'; style-src 'self'; img-src 'self' blob: data:; "
        f"connect-src 'self' ws://{host}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    assert f'<script type="importmap" nonce="{nonce[1]}">' in response.content.decode()
    assert response.headers["Cache-Control"] == "private, no-store"


def test_a_new_page_has_a_new_nonce() -> None:
    client = logged_in("olga@desk.example")

    policies = {client.get("/").headers["Content-Security-Policy"] for _ in range(3)}

    assert len(policies) == 3
