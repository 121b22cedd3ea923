"""The frame's page and the loader: who may frame it, in which language it speaks, and what it tells nobody."""

import json
import re

import pytest
from django.conf import settings

from tests.cast import Answer, acme, client_of


def frame_of(host: str, **query: str) -> Answer:
    return client_of(host).get("/widget/", query)


def config_in(answer: Answer) -> dict[str, object]:
    found = re.search(r'<script id="config" type="application/json">(.*?)</script>', answer.content.decode(), re.DOTALL)
    assert found is not None
    config: dict[str, object] = json.loads(found[1])
    return config


def test_only_the_websites_own_origins_may_frame_the_page() -> None:
    # rule 35
    acme()
    answer = frame_of("acme.localhost", website="acme-shop")

    policy = answer["Content-Security-Policy"]
    [ancestors] = re.findall(r"frame-ancestors ([^;]+)", policy)
    own = f"{settings.PUBLIC_SCHEME}://acme-shop.localhost:{settings.PUBLIC_PORT}"
    assert answer.status_code == 200
    assert own in ancestors.split()
    assert all(re.fullmatch(r"http://acme-shop\.localhost:\d+", origin) for origin in ancestors.split())
    assert "X-Frame-Options" not in answer
    assert policy.startswith("default-src 'none'; script-src 'self' 'nonce-")
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("key", ["globex-bank", "nobody", "", "acme-shop "])
def test_a_key_that_is_not_this_organisations_is_not_found(key: str) -> None:
    # rule 17
    acme()

    assert frame_of("acme.localhost", website=key).status_code == 404


@pytest.mark.parametrize(
    ("asked", "spoken"), [("nl", "nl"), ("nl-BE", "nl"), ("NL-be", "nl"), ("fr", "en"), ("", "en"), ("<b>", "en")]
)
def test_the_frame_speaks_the_pages_language_if_the_organisation_does(asked: str, spoken: str) -> None:
    organisation = acme()
    answer = frame_of("acme.localhost", website="acme-shop", language=asked)

    expected = spoken if spoken in organisation.languages else organisation.languages[0]
    assert f'<html lang="{expected}">' in answer.content.decode()
    assert config_in(answer)["language"] == expected


def test_every_phrase_that_the_scripts_ask_for_is_in_the_page() -> None:
    acme()
    texts = config_in(frame_of("acme.localhost", website="acme-shop"))["texts"]
    assert isinstance(texts, dict)
    scripts = "".join(path.read_text() for path in (settings.BASE_DIR / "static" / "widget").rglob("*.js"))

    asked = set(re.findall(r'say\("([a-z_.]+)"', scripts))
    given = {re.sub(r"\.(one|other)$", "", key) for key in texts}

    assert asked - given == set()
    assert len(asked) > 40


def test_the_page_names_no_other_website_and_no_secret() -> None:
    acme()
    config = config_in(frame_of("acme.localhost", website="acme-shop"))

    assert set(config) == {
        "organisation",
        "website",
        "language",
        "languages",
        "topics",
        "first_reply_seconds",
        "follow_up_seconds",
        "opening",
        "socket_path",
        "api_path",
        "upload_path",
        "closing_notice_minutes",
        "has_help",
        "asks_by_mail",
        "limits",
        "texts",
    }
    assert "globex" not in json.dumps(config)


def test_the_loader_may_be_loaded_by_any_site_and_is_kept_for_five_minutes() -> None:
    acme()
    answer = client_of("acme.localhost").get("/widget/loader.js")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("path", ["/", "/tents/", "/delivery/", "/nl/", "/nl/tenten/", "/nl/bezorging/"])
def test_every_page_of_the_demo_shop_embeds_the_widget(path: str) -> None:
    page = client_of("acme-shop.localhost").get(path).content.decode()

    assert 'data-website="acme-shop"' in page
    assert f'src="http://{settings.DEMO_HOSTS["acme-shop.localhost"]}/widget/loader.js"' in page


@pytest.mark.parametrize("path", ["/", "/savings/", "/mortgages/"])
def test_every_page_of_the_demo_bank_embeds_the_widget(path: str) -> None:
    assert 'data-website="globex-bank"' in client_of("globex-bank.localhost").get(path).content.decode()


def test_a_demo_site_has_no_page_of_the_other() -> None:
    assert client_of("globex-bank.localhost").get("/tents/").status_code == 404
