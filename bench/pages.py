"""What the pages of figures cost: over loopback from a real web server, logged in, over a client's whole past; beside
the same figures counted in Python from rows."""

import http.client
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.clients import PASSWORD, host_of_client, manager_of, platform_administrator
from bench.ground import Ground, Running, listens
from bench.history import DAYS
from bench.machine import Cores
from bench.targets import web_process
from chatplatform.replay.platform import Platform, log_in
from chatplatform.replay.summary import milliseconds
from conversations.models import Conversation, Promise
from ratings.models import Ask, Rating, Report
from ratings.reports import figures_of, parameters
from ratings.selection import Selection
from ratings.selectors import local_today
from ratings.services import build_report
from tenants.context import OrganisationRef, in_organisation
from tenants.models import User
from tenants.sessions import HOST_KEY

WARM_UP, REQUESTS = 5, 50
COUNTED, COUNTED_IN_PYTHON = 20, 3
PERIODS_DAYS = (30, DAYS)
OVERVIEW = "/admin/"


def page_costs(
    ground: Ground, cores: Cores, port: int, large: OrganisationRef, small: OrganisationRef
) -> dict[str, Any]:
    """Milliseconds per page, from the request to its last byte, one at a time; and how many queries it asks."""
    for organisation in (large, small):
        in_organisation(organisation, _all_days_reported)
    pages = _overviews(large)
    with Running(
        web_process("uvicorn", "chatplatform.asgi:application", port),
        ground.environment(port),
        cores.server,
        ground.log("pages-web"),
    ) as web:
        web.wait_until(lambda: listens(port))
        manager, administrator = manager_of(large), platform_administrator()
        overview = _Browser(port, host_of_client(large), manager)
        platform = _Browser(port, settings.DESK_HOST, administrator)
        found = [{"page": name, **overview.times(path)} for name, path in pages.items()]
        front = platform.times(OVERVIEW)
    small_manager = manager_of(small)
    for one, path in zip(found, pages.values(), strict=True):
        one["queries"] = _queries(host_of_client(large), manager, path)
        one["queries_of_a_small_client"] = _queries(host_of_client(small), small_manager, path)
    return {
        "overview": found,
        "platform": {**front, "queries": _queries(settings.DESK_HOST, administrator, OVERVIEW)},
        "figures": [in_organisation(large, _figures_beside_python, days) for days in PERIODS_DAYS],
    }


def _overviews(organisation: OrganisationRef) -> dict[str, str]:
    found = {}
    for days in PERIODS_DAYS:
        whole = _period(organisation, days)
        narrowed = replace(whole, website="shop", language="nl")
        found[f"{days} days"] = f"{OVERVIEW}?{whole.query()}"
        found[f"{days} days, one website, one language"] = f"{OVERVIEW}?{narrowed.query()}"
    return found


def _period(organisation: OrganisationRef, days: int) -> Selection:
    today = local_today(organisation.time_zone)
    return Selection(first=today - timedelta(days=days), last=today - timedelta(days=1))


def _all_days_reported(organisation: OrganisationRef) -> None:
    """As sixty nights would have left them."""
    today = local_today(organisation.time_zone)
    reported = set(Report.objects.filter(period_kind=Report.Period.DAY).values_list("starts_on", flat=True))
    for back in range(DAYS, 0, -1):
        if today - timedelta(days=back) not in reported:
            build_report(organisation, today - timedelta(days=back))


class _Browser:
    """Somebody who is logged in, on one connection."""

    def __init__(self, port: int, host: str, email: str) -> None:
        login = log_in(Platform("http", "127.0.0.1", port), host, email, PASSWORD)
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Host": f"{host}:{port}", **login.headers}

    def times(self, path: str) -> dict[str, Any]:
        for _ in range(WARM_UP):
            size = self._get(path)
        seconds = []
        for _ in range(REQUESTS):
            started_at = time.perf_counter()
            self._get(path)
            seconds.append(time.perf_counter() - started_at)
        return {**milliseconds(seconds, 50, 95), "kilobytes": round(size / 1024)}

    def _get(self, path: str) -> int:
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        page = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(f"{path} answered {response.status}.")
        return len(page)


def _queries(host: str, email: str, path: str) -> int:
    """Of a page that was opened before."""
    client = Client(headers={"host": f"{host}:{settings.PUBLIC_PORT}"})
    client.force_login(User.objects.get(email=email), backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session[HOST_KEY] = host
    session.save()
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    if response.status_code != http.client.OK:
        raise RuntimeError(f"{path} answered {response.status_code}.")
    return len(captured)


def _figures_beside_python(organisation: OrganisationRef, days: int) -> dict[str, Any]:
    selection = _period(organisation, days)
    ours, ours_seconds = _timed(COUNTED, lambda: figures_of(organisation, selection))
    theirs, theirs_seconds = _timed(COUNTED_IN_PYTHON, lambda: _counted_in_python(organisation, selection))
    if theirs != {name: getattr(ours, name) for name in theirs}:
        raise RuntimeError("Counted in Python the figures are others.")
    return {
        "days": days,
        "conversations": ours.conversations,
        "ours": milliseconds(ours_seconds, 50, 95),
        "python": milliseconds(theirs_seconds, 50),
    }


def _timed(times: int, work: Callable[[], Any]) -> tuple[Any, Sequence[float]]:
    answer = work()
    seconds = []
    for _ in range(times):
        started_at = time.perf_counter()
        answer = work()
        seconds.append(time.perf_counter() - started_at)
    return answer, seconds


def _counted_in_python(organisation: OrganisationRef, selection: Selection) -> dict[str, Any]:
    """The baseline: the ORM fetches rows, Python counts them. Fewer figures than ours, and of closed turns only."""
    bounds = parameters(organisation, selection)
    talks = list(Conversation.objects.filter(opened_at__gte=bounds["starts_at"], opened_at__lt=bounds["ends_at"]))
    ids = [talk.id for talk in talks]
    due = [one for one in Promise.objects.filter(conversation_id__in=ids) if one.outcome in ("kept", "broken")]
    first = [one for one in due if one.kind == Promise.Kind.FIRST]
    following = [one for one in due if one.kind == Promise.Kind.FOLLOW_UP]
    marks = [one.mark for one in Rating.objects.filter(conversation_id__in=ids)]
    asks = list(Ask.objects.filter(conversation_id__in=ids))
    return {
        "conversations": len(talks),
        "answered": sum(talk.first_replied_at is not None for talk in talks),
        "first_replies": len(first),
        "first_replies_kept": sum(one.outcome == "kept" for one in first),
        "follow_ups": len(following),
        "follow_ups_kept": sum(one.outcome == "kept" for one in following),
        "first_wait_median_seconds": statistics.median(_waits(first)),
        "follow_up_wait_median_seconds": statistics.median(_waits(following)),
        "ratings_asked": sum(talk.rating_requested_at is not None for talk in talks),
        "ratings_shown": sum(ask.shown_at is not None for ask in asks),
        "ratings_given": len(marks),
        "mark_sum": sum(marks),
        "marks": [marks.count(mark) for mark in range(1, 11)],
    }


def _waits(promises: Sequence[Promise]) -> list[float]:
    return [one.waited_seconds for one in promises if one.waited_seconds is not None]
