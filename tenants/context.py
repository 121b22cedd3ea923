"""The tenant context: the one place where a schema is entered.

There is no ambient tenant in a coroutine. Asynchronous code hands an organisation and a sync function to
:func:`run_in_organisation`; the function enters the schema, evaluates everything and returns plain data, in a bounded
pool in which any free thread takes the next unit of work. ``schema_context`` and ``set_tenant`` appear nowhere else.
"""

import asyncio
import functools
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection
from django_tenants.utils import schema_context

P = ParamSpec("P")
T = TypeVar("T")


class AmbientTenant(RuntimeError):
    """A schema was about to be entered in a coroutine, where every other task would see it."""


@dataclass(frozen=True, slots=True)
class OrganisationRef:
    """What code needs to know of an organisation while it works for it. Plain data, safe to keep for seconds."""

    id: UUID
    slug: str
    schema_name: str
    name: str
    time_zone: str
    languages: tuple[str, ...]
    first_reply_seconds: int
    follow_up_seconds: int
    warn_percent: int
    reoffer_seconds: int
    closing_notice_minutes: int
    colour: str
    kind: str


@contextmanager
def organisation_schema(organisation: OrganisationRef) -> Iterator[None]:
    """Runs the block in the organisation's schema. Refused inside an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise AmbientTenant("Enter a schema in a sync function and call it through run_in_organisation().")
    with schema_context(organisation.schema_name):
        yield


def in_organisation(
    organisation: OrganisationRef,
    work: Callable[Concatenate[OrganisationRef, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """``work(organisation, …)`` inside the organisation's schema, in this thread."""
    with organisation_schema(organisation):
        return work(organisation, *args, **kwargs)


async def run_in_organisation(
    organisation: OrganisationRef,
    work: Callable[Concatenate[OrganisationRef, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """``work(organisation, …)`` inside the organisation's schema, in the database pool."""
    return await _run(functools.partial(in_organisation, organisation, work, *args, **kwargs))


def begin_in_organisation(
    organisation: OrganisationRef,
    work: Callable[Concatenate[OrganisationRef, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Future[T]:
    """``work(organisation, …)`` inside the organisation's schema, beside the database pool: in a single thread for what
    takes seconds and must not keep a visitor's message waiting. One such work at a time."""
    return _aside().submit(
        _with_connection_returned, functools.partial(in_organisation, organisation, work, *args, **kwargs)
    )


async def run_in_public(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``work(…)`` on the public schema, in the database pool."""
    return await _run(functools.partial(work, *args, **kwargs))


async def _run(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads(), _with_connection_returned, work)


def _with_connection_returned(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connection.close()  # back to Django's pool, so that no idle thread holds one


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=settings.DATABASE_POOL_SIZE, thread_name_prefix="database")


@functools.cache
def _aside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="aside")
