"""Tenants stay apart in threads and coroutines (rules 14, 15 and 26)."""

import ast
import asyncio
import random
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from chatplatform.embedded.__main__ import ROOT
from conversations.models import Visitor
from knowledgebase.selectors import topic_choices
from tenants.context import (
    AmbientTenant,
    OrganisationRef,
    in_organisation,
    organisation_schema,
    run_in_organisation,
    run_in_public,
)
from tests.cast import acme, globex

OPERATIONS = 500
APPS = ("tenants", "operators", "knowledgebase", "conversations", "ratings", "chatplatform", "bench")
# The baseline is the usual way, kept to be measured against.
ELSEWHERE = ("tenants/context.py", "bench/baseline/")
ONLY_IN_CONTEXT = {
    "schema_context",
    "tenant_context",
    "set_tenant",
    "set_schema",
    "sync_to_async",
    "database_sync_to_async",
    "SyncToAsync",
}


@pytest.fixture
def both() -> tuple[OrganisationRef, OrganisationRef]:
    return acme(), globex()


def current_schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def schema_seen(_organisation: OrganisationRef) -> str:
    return current_schema()


def test_work_runs_in_its_schema_and_leaves_it_again(both: tuple[OrganisationRef, OrganisationRef]) -> None:
    first, second = both

    def nested(organisation: OrganisationRef) -> tuple[str, str, str]:
        return current_schema(), in_organisation(second, schema_seen), current_schema()

    assert in_organisation(first, nested) == ("o_acme", "o_globex", "o_acme")
    assert current_schema() == "public"


def test_a_failure_leaves_the_schema_too(both: tuple[OrganisationRef, OrganisationRef]) -> None:
    def fail(_organisation: OrganisationRef) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        in_organisation(both[0], fail)

    assert current_schema() == "public"


async def test_no_schema_is_entered_in_a_coroutine(both: tuple[OrganisationRef, OrganisationRef]) -> None:
    reached = False

    with pytest.raises(AmbientTenant), organisation_schema(both[0]):
        reached = True
    with pytest.raises(AmbientTenant):
        in_organisation(both[0], schema_seen)

    assert not reached


def work_a_moment(organisation: OrganisationRef, mark: str, number: int) -> tuple[str, int, list[str]]:
    """Writes one row, dawdles, and reads: (schema, topics, rows of this mark that are not this organisation's)."""
    Visitor.objects.create(name=f"{mark} {organisation.slug} {number}")
    time.sleep(random.uniform(0, 0.003))
    strangers = Visitor.objects.filter(name__startswith=mark).exclude(name__startswith=f"{mark} {organisation.slug}")
    topics = [choice.slug for choice in topic_choices(organisation, "en")]
    return current_schema(), len(topics), [visitor.name for visitor in strangers]


def names_of(_organisation: OrganisationRef, mark: str) -> list[str]:
    return sorted(Visitor.objects.filter(name__startswith=mark).values_list("name", flat=True))


async def test_five_hundred_interleaved_operations_never_meet(both: tuple[OrganisationRef, OrganisationRef]) -> None:
    mark = uuid4().hex
    order = [both[number % 2] for number in range(OPERATIONS)]
    random.shuffle(order)

    answers = await asyncio.gather(
        *(run_in_organisation(organisation, work_a_moment, mark, number) for number, organisation in enumerate(order))
    )

    wrong = [
        answer
        for organisation, answer in zip(order, answers, strict=True)
        if answer[0] != organisation.schema_name or answer[2]
    ]
    assert wrong == []
    for organisation in both:
        written = await run_in_organisation(organisation, names_of, mark)
        expected = [f"{mark} {one.slug} {number}" for number, one in enumerate(order) if one is organisation]
        assert written == sorted(expected)


async def test_the_next_unit_of_a_thread_starts_in_public(both: tuple[OrganisationRef, OrganisationRef]) -> None:
    for _ in range(settings.DATABASE_POOL_SIZE * 2):
        await run_in_organisation(both[0], schema_seen)

    seen = await asyncio.gather(*(run_in_public(current_schema) for _ in range(settings.DATABASE_POOL_SIZE * 2)))

    assert set(seen) == {"public"}


async def test_a_failure_comes_back_and_frees_the_thread(both: tuple[OrganisationRef, OrganisationRef]) -> None:
    def fail(_organisation: OrganisationRef) -> None:
        raise LookupError

    for _ in range(settings.DATABASE_POOL_SIZE * 2):
        with pytest.raises(LookupError):
            await run_in_organisation(both[0], fail)

    assert await run_in_public(current_schema) == "public"


async def test_threads_and_connections_are_bounded(both: tuple[OrganisationRef, OrganisationRef]) -> None:
    lock = threading.Lock()
    at_once, most, threads = 0, 0, set()

    def watch(_organisation: OrganisationRef) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            threads.add(threading.get_ident())
        current_schema()
        time.sleep(0.02)
        with lock:
            at_once -= 1

    await asyncio.gather(*(run_in_organisation(both[number % 2], watch) for number in range(100)))

    assert most == settings.DATABASE_POOL_SIZE
    assert len(threads) <= settings.DATABASE_POOL_SIZE


async def test_an_idle_thread_holds_no_connection(both: tuple[OrganisationRef, OrganisationRef]) -> None:
    def connections() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
            )
            return int(cursor.fetchone()[0])

    def is_kept(_organisation: OrganisationRef) -> None:
        current_schema()

    await asyncio.gather(*(run_in_organisation(both[0], is_kept) for _ in range(50)))

    assert await run_in_public(lambda: connection.connection is None)
    assert await run_in_public(connections) == 1


async def test_one_slow_unit_stalls_nobody(both: tuple[OrganisationRef, OrganisationRef]) -> None:
    def slow(_organisation: OrganisationRef) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(1.5)")

    blocked = asyncio.ensure_future(run_in_organisation(both[0], slow))
    await asyncio.sleep(0.05)
    started = time.monotonic()
    await asyncio.gather(*(run_in_organisation(both[1], schema_seen) for _ in range(20)))
    took = time.monotonic() - started

    assert not blocked.done()
    assert took < 1
    await blocked


def project_sources() -> list[Path]:
    return [
        path
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if not path.relative_to(ROOT).as_posix().startswith(ELSEWHERE)
    ]


def names_in(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.alias):
            names.add(node.name.rpartition(".")[2])
    return names


@pytest.mark.no_database
def test_only_the_context_enters_a_schema_or_leaves_the_loop() -> None:
    """Rule 14."""
    found = {}
    for path in project_sources():
        if names := names_in(path.read_text()) & ONLY_IN_CONTEXT:
            found[path.relative_to(ROOT).as_posix()] = names

    assert found == {}


@pytest.mark.no_database
def test_the_search_for_those_names_finds_them() -> None:
    assert len(project_sources()) > 50
    assert names_in("from asgiref.sync import sync_to_async as x") & ONLY_IN_CONTEXT
    assert names_in("connection.set_tenant(one)") & ONLY_IN_CONTEXT
    assert names_in("@schema_context('a')\ndef f(): ...") & ONLY_IN_CONTEXT
    assert names_in((ROOT / "tenants/context.py").read_text()) & ONLY_IN_CONTEXT
