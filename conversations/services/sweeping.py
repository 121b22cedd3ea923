"""What one sweep does: strike due clocks, take conversations back from operators who vanished, do due work, remove what
nobody needs any more. Public schema.

Two tables say who does what: :data:`CLOCKS` and :data:`DUTIES`. A function in them runs in the organisation's schema,
is safe to run from several sweeps at once (it takes the conversation's lock without waiting for it and looks again),
and says what it did.
"""

import functools
import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, Q, When

from conversations.services.alerting import mail_alert, watch_thresholds
from conversations.services.closing_time import strike_closing_time
from conversations.services.escalating import strike_escalation
from conversations.services.mailing import send_mail
from conversations.services.offering import offer_conversation_if_free
from conversations.services.striking import strike_clock, strike_clocks
from conversations.services.taking_back import take_back_if_left
from operators.models import Clock, DueWork
from operators.selectors import due_work
from operators.services import postpone_work, remove_closed_entries
from operators.vanished import unanswered_and_left
from tenants.clock import PlatformNow
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tenants.selectors import organisation_by_schema

logger = logging.getLogger(__name__)

ROWS_PER_SWEEP = 500
CLOCKS_EVERY_SECONDS = 0.5
BATCH_CLOCKS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """How one kind of due work is done: ``work(organisation, subject_id)``. Work that came to nothing is tried again
    after 1 s, 2 s, 4 s … but never later than ``longest_pause_seconds``.

    ``is_slow`` work (it waits for somebody else's server) has a sweep of its own and keeps no deadline waiting. The
    subject of ``is_public`` work belongs to no organisation: ``work(subject_id)``, its rows' schema is ``public``.
    """

    work: Callable[..., bool]
    longest_pause_seconds: float
    is_slow: bool = False
    is_public: bool = False


def _offer(organisation: OrganisationRef, conversation_id: UUID) -> bool:
    return offer_conversation_if_free(organisation, conversation_id) is not None


CLOCKS: dict[str, Callable[[OrganisationRef, UUID, UUID], bool]] = {
    Clock.Kind.PROMISE: strike_clock,
    Clock.Kind.ESCALATION: strike_escalation,
}
"""Clock.kind → ``strike(organisation, conversation_id, clock_id)``."""

CLOCKS_TOGETHER: dict[str, Callable[[OrganisationRef, Sequence[tuple[UUID, UUID]]], int]] = {
    Clock.Kind.PROMISE: strike_clocks,
}
"""Those of them that can be struck several at once: ``strike(organisation, [(conversation_id, clock_id), …])``."""

DUTIES: dict[str, Duty] = {
    DueWork.Kind.OFFER: Duty(work=_offer, longest_pause_seconds=1.0),
    DueWork.Kind.CLOSING: Duty(work=strike_closing_time, longest_pause_seconds=30.0),
    DueWork.Kind.MAIL: Duty(work=send_mail, longest_pause_seconds=60.0, is_slow=True),
    DueWork.Kind.ALERT_MAIL: Duty(work=mail_alert, longest_pause_seconds=60.0, is_slow=True, is_public=True),
}
"""DueWork.kind → how it is done. The work deletes or moves its own row, in its own transaction."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Clocks that are struck alone take most of the time, and half of that is waiting for the database: several lanes
    of one process share them, by the clock's id."""

    number: int = 0
    of: int = 1

    def takes(self, clock_id: UUID) -> bool:
        return clock_id.int % self.of == self.number


ONLY_LANE = Lane()


def sweep_once(lane: Lane = ONLY_LANE) -> int:
    """One pass over what is due in all organisations, but for clocks of other lanes; how many things it did.

    Deadlines come first, and again between the rest whenever that takes long. One thing that fails does not stop the
    others.
    """
    sweep = _Sweep(lane)
    done = sweep.strike_clocks()
    for schema_name, conversation_id in unanswered_and_left(ROWS_PER_SWEEP):
        done += sweep.strike_clocks_if_time()
        done += sweep.take_back(schema_name, conversation_id)
    quick = [kind for kind, duty in DUTIES.items() if not duty.is_slow]
    for kind, schema_name, subject_id in due_work(quick, ROWS_PER_SWEEP):
        done += sweep.strike_clocks_if_time()
        done += sweep.attempt_duty(kind, schema_name, subject_id)
    remove_closed_entries()
    return done


def strike_lane_once(lane: Lane) -> int:
    """One pass over the clocks of this lane that are struck alone; how many it did something for."""
    return _Sweep(lane).strike_alone()


def sweep_slow_work_once() -> int:
    """One pass over what waits for other people's servers; how many things it did."""
    sweep = _Sweep(ONLY_LANE)
    slow = [kind for kind, duty in DUTIES.items() if duty.is_slow]
    return sum(sweep.attempt_duty(*row) for row in due_work(slow, ROWS_PER_SWEEP))


def watch_thresholds_once() -> int:
    """Raises and ends alerts, if it is time for that; how often it did."""
    return _caught(watch_thresholds) or 0


_Ids = tuple[UUID, UUID]
"""(conversation, clock)."""


class _Due(NamedTuple):
    """A clock whose time has come. ``alone``: what is due may ask somebody else, or this kind is never struck with
    others."""

    kind: str
    schema_name: str
    ids: _Ids
    alone: bool


class _Sweep:
    """One pass. Organisations are looked up once."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._organisations: dict[str, OrganisationRef] = {}
        self._struck_at = 0.0

    def strike_clocks(self) -> int:
        """What is due now: an organisation's clocks together, then alone what was left of them because somebody else
        may have to be asked, which locks an operator. While that takes its time, what becomes due is struck."""
        due = _due_clocks()
        done = self._strike_together(due)
        for done_alone in self._strike_each(due):
            done += done_alone
            if self._is_time():
                at_once = Q(reoffer_at__isnull=True) | Q(reoffer_at__gt=PlatformNow())
                done += self._strike_together(_due_clocks(at_once))
        return done

    def strike_alone(self) -> int:
        return sum(self._strike_each(_due_clocks()))

    def _strike_each(self, due: list[_Due]) -> Iterator[int]:
        """This lane's of what cannot be struck together, in random order: two sweeps meet seldom."""
        alone = [one for one in due if one.alone and self._lane.takes(one.ids[1])]
        random.shuffle(alone)
        for one in alone:
            yield self._strike(one.kind, one.schema_name, [one.ids])

    def strike_clocks_if_time(self) -> int:
        return self.strike_clocks() if self._is_time() else 0

    def _is_time(self) -> bool:
        return time.monotonic() - self._struck_at >= CLOCKS_EVERY_SECONDS

    def _strike_together(self, due: list[_Due]) -> int:
        """In batches, one organisation's clocks each, in random order."""
        self._struck_at = time.monotonic()
        together: dict[tuple[str, str], list[_Ids]] = {}
        for one in due:
            if one.kind in CLOCKS_TOGETHER:
                together.setdefault((one.kind, one.schema_name), []).append(one.ids)
        batches = [
            (kind, schema_name, clocks[at : at + BATCH_CLOCKS])
            for (kind, schema_name), clocks in together.items()
            for at in range(0, len(clocks), BATCH_CLOCKS)
        ]
        random.shuffle(batches)
        return sum(self._strike(*batch) for batch in batches)

    def _strike(self, kind: str, schema_name: str, clocks: Sequence[tuple[UUID, UUID]]) -> int:
        """A batch that fails is struck one by one, so that a bad clock fails alone."""
        if len(clocks) > 1:
            done = self._attempt(schema_name, CLOCKS_TOGETHER[kind], clocks)
            if done is not None:
                return done
        return sum(self._attempt(schema_name, CLOCKS[kind], *clock) or 0 for clock in clocks)

    def attempt_duty(self, kind: str, schema_name: str, subject_id: UUID) -> bool:
        """Work that came to nothing is postponed: what waits behind it gets its turn."""
        duty = DUTIES[kind]
        here = _caught if duty.is_public else functools.partial(self._attempt, schema_name)
        done = bool(here(duty.work, subject_id))
        if not done:
            postpone_work(schema_name, kind, subject_id, duty.longest_pause_seconds)
        return done

    def take_back(self, schema_name: str, conversation_id: UUID) -> int:
        return self._attempt(schema_name, take_back_if_left, conversation_id) or 0

    def _attempt(self, schema_name: str, work: Callable[..., int], *subject: Any) -> int | None:
        def run() -> int:
            if schema_name not in self._organisations:
                self._organisations[schema_name] = organisation_by_schema(schema_name)
            return in_organisation(self._organisations[schema_name], work, *subject)

        return _caught(run)


def _due_clocks(*conditions: Q) -> list[_Due]:
    """What is due, longest due first. One query."""
    due = Clock.objects.filter(*conditions, kind__in=CLOCKS, next_at__lte=PlatformNow()).order_by("next_at")
    asks = Case(When(reoffer_at__lte=PlatformNow(), then=True), default=False, output_field=BooleanField())
    rows = due.values_list("kind", "schema_name", "conversation_id", "id", asks)[:ROWS_PER_SWEEP]
    return [
        _Due(kind, schema_name, (conversation_id, clock_id), asks or kind not in CLOCKS_TOGETHER)
        for kind, schema_name, conversation_id, clock_id, asks in rows
    ]


def _caught(work: Callable[..., int], *subject: Any) -> int | None:
    """What the work says it did; nothing when its subject is gone, None when it failed. Raises when the database is
    away: nothing else would get through either."""
    try:
        return work(*subject)
    except NotFound:
        return 0
    except Exception:
        if connection.connection is not None and connection.connection.closed:
            raise
        logger.exception("Something due failed; it is tried again.")
        return None
