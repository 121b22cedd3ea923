"""Visitors' tokens: random, sealed for one organisation, hashed at rest, rotated (rule 36)."""

import base64
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from conversations.models import VisitorToken
from conversations.services.visitors import recognise_visitor, visitor_of_token
from conversations.tokens import RANDOM_BYTES, is_ours, new_token, token_hash
from tenants.clock import clock_moved
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tests.cast import acme, globex, visitor_of
from tests.conversations.scene import in_threads

WEEK, DAY, YEAR = timedelta(days=7), timedelta(days=1), timedelta(days=365)
MINUTE = timedelta(minutes=1)


def recognise(organisation: OrganisationRef, token: str | None) -> tuple[object, str]:
    known = in_organisation(organisation, recognise_visitor, token)
    return known.visitor_id, known.token


def rows_of(token: str) -> list[VisitorToken]:
    return in_organisation(acme(), lambda _: list(VisitorToken.objects.filter(pk=token_hash(token))))


def test_a_token_holds_at_least_128_random_bits() -> None:  # rule 36
    tokens = {new_token("o_acme") for _ in range(200)}

    randoms = {base64.urlsafe_b64decode(token.split(".")[1] + "=") for token in tokens}
    assert len(randoms) == 200
    assert {len(one) for one in randoms} == {RANDOM_BYTES}
    assert RANDOM_BYTES * 8 >= 128
    # Every byte varies: none of them is a counter or a constant.
    assert all(len({one[position] for one in randoms}) > 64 for position in range(RANDOM_BYTES))


def test_a_token_is_ours_only_unchanged_and_only_for_its_organisation() -> None:  # rule 36
    token = new_token("o_acme")
    version, random, seal = token.split(".")

    assert is_ours("o_acme", token)
    for forged in (
        token[:-1],
        token + "A",
        f"{version}.{random}.",
        f"{version}.{random}.é",
        f"v2.{random}.{seal}",
        f"{version}.{random[::-1]}.{seal}",
        f"{version}.{random}",
        random,
        "",
    ):
        assert not is_ours("o_acme", forged)
    assert not is_ours("o_globex", token)


def test_only_a_hash_of_the_token_is_stored() -> None:  # rule 36
    vera = visitor_of(acme())

    [row] = rows_of(vera.token)
    assert bytes(row.token_hash) == token_hash(vera.token)
    assert len(row.token_hash) == 32
    _, random, seal = vera.token.split(".")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(t::text, ' ') FROM \"{acme().schema_name}\".conversations_visitortoken t")
        stored = cursor.fetchone()[0]
    for secret in (random, seal, base64.urlsafe_b64decode(random + "=").hex()):
        assert secret not in stored


def test_a_page_without_a_token_gets_one_and_is_nobody_yet() -> None:
    visitor_id, token = recognise(acme(), None)

    assert visitor_id is None
    assert is_ours(acme().schema_name, token)
    assert rows_of(token) == []
    assert recognise(acme(), token) == (None, token)


def test_a_known_token_is_its_visitor_and_is_kept_for_a_week() -> None:
    vera = visitor_of(acme())

    with clock_moved(WEEK - MINUTE):
        assert recognise(acme(), vera.token) == (vera.id, vera.token)


def test_an_older_token_is_rotated_and_works_for_a_day_more() -> None:  # rule 36
    vera = visitor_of(acme())

    with clock_moved(WEEK + MINUTE):
        visitor_id, fresh = recognise(acme(), vera.token)
        assert visitor_id == vera.id
        assert fresh != vera.token
        assert recognise(acme(), fresh) == (vera.id, fresh)
    with clock_moved(WEEK + DAY):
        assert recognise(acme(), vera.token)[0] == vera.id
        assert in_organisation(acme(), visitor_of_token, vera.token, create=True) == vera.id
    with clock_moved(WEEK + DAY + 2 * MINUTE):
        visitor_id, other = recognise(acme(), vera.token)
        assert visitor_id is None
        assert other not in (vera.token, fresh)
        with pytest.raises(NotFound):
            in_organisation(acme(), visitor_of_token, vera.token, create=True)
        assert recognise(acme(), fresh)[0] == vera.id


def test_a_token_nobody_rotated_ends_after_a_year() -> None:  # rule 36
    vera = visitor_of(acme())

    with clock_moved(YEAR + MINUTE):
        assert recognise(acme(), vera.token)[0] is None
        with pytest.raises(NotFound):
            in_organisation(acme(), visitor_of_token, vera.token, create=False)


def test_another_organisations_token_is_nobodys_here() -> None:  # rules 17, 36
    victor = visitor_of(globex())

    visitor_id, token = recognise(acme(), victor.token)

    assert visitor_id is None
    assert token != victor.token
    for create in (True, False):
        with pytest.raises(NotFound):
            in_organisation(acme(), visitor_of_token, victor.token, create=create)
    assert rows_of(victor.token) == []


def test_a_made_up_token_makes_no_visitor() -> None:
    made_up = f"v1.{uuid4().hex}.{uuid4().hex}"

    with pytest.raises(NotFound):
        in_organisation(acme(), visitor_of_token, made_up, create=True)
    assert rows_of(made_up) == []
    assert recognise(acme(), made_up)[1] != made_up


def test_a_token_is_nobodys_until_somebody_writes() -> None:
    token = new_token(acme().schema_name)

    with pytest.raises(NotFound):
        in_organisation(acme(), visitor_of_token, token, create=False)
    assert rows_of(token) == []


def test_pages_that_write_first_at_the_same_moment_are_one_visitor() -> None:
    organisation, token = acme(), new_token(acme().schema_name)

    visitors = in_threads(
        [lambda: in_organisation(organisation, visitor_of_token, token, create=True) for _ in range(12)]
    )

    assert len(set(visitors)) == 1
    assert [row.visitor_id for row in rows_of(token)] == [visitors[0]]
