"""What a door keeps of one client between its commands: a socket for minutes, HTTP for one request."""

import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from conversations.frames import Page
from conversations.tokens import token_hash
from operators.access import SUPERVISOR, operators_of
from operators.selectors import OperatorRef, organisations_served_by
from operators.supervision import admit_supervisor
from tenants.access import Actor
from tenants.context import OrganisationRef
from tenants.errors import NotFound, RateLimited
from tenants.models import Organisation
from tenants.selectors import WebsiteRef, active_organisations

MESSAGES_PER_SECOND = 5.0
MESSAGES_AT_ONCE = 30
MEASUREMENT_FACTOR = 1000.0
KEPT_ALLOWANCES = 20_000


class Allowance:
    """A token bucket: ``rate`` per second, ``burst`` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, time.monotonic()

    @property
    def is_spent(self) -> bool:
        """Whether the next one would be too much now."""
        self._refill()
        return self._left < 1

    def _refill(self) -> None:
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now

    def spend(self) -> None:
        """Raises RateLimited, with the seconds to wait."""
        self._refill()
        if self._left < 1:
            raise RateLimited(retry_after=math.ceil((1 - self._left) / self._rate * 100) / 100)
        self._left -= 1


_allowances: dict[bytes, Allowance] = {}


async def _listen_to_nothing(_conversation_id: UUID) -> None:
    """HTTP has nobody to forward hints to."""


async def _listen_to_nothing_more() -> None:
    """Nor has it on the desk."""


@dataclass(slots=True, kw_only=True)
class VisitorSession:
    """A visitor's page on one website. ``listen`` is awaited before a conversation is read, so that no fact falls
    between reading and hearing (rule 6)."""

    organisation: OrganisationRef
    website: WebsiteRef
    token: str
    language: str
    page: Page
    visitor_id: UUID | None = None
    conversation_id: UUID | None = None
    listen: Callable[[UUID], Awaitable[None]] = _listen_to_nothing
    allowance: Allowance = field(init=False)

    def __post_init__(self) -> None:
        self.allowance = allowance_for(self.organisation, self.token)

    def own(self, conversation_id: UUID) -> UUID:
        """The visitor's id, if this is the conversation on the page. Raises NotFound."""
        if self.visitor_id is None or conversation_id != self.conversation_id:
            raise NotFound()
        return self.visitor_id


@dataclass(slots=True, kw_only=True)
class DeskSession:
    """An operator's desk. ``organisations`` is refreshed with every heartbeat: an ended posting is felt in 5 s.

    A supervisor's commands reach every active organisation (``supervised``), and the page hears of what it watches:
    ``listen`` is awaited when that changed, before anything is read (rule 6).
    """

    actor: Actor
    operator: OperatorRef
    organisations: dict[str, OrganisationRef]
    supervised: dict[str, OrganisationRef] = field(default_factory=dict)
    watched: dict[UUID, OrganisationRef] = field(default_factory=dict)
    listen: Callable[[], Awaitable[None]] = _listen_to_nothing_more

    @property
    def supervises(self) -> bool:
        return SUPERVISOR in self.actor.roles

    def serving(self, slug: str) -> OrganisationRef:
        """The organisation of a command. Raises NotFound for one the operator has nothing to do with."""
        organisation = self.organisations.get(slug) or self.supervised.get(slug)
        if organisation is None:
            raise NotFound()
        return organisation

    def supervising(self, slug: str) -> OrganisationRef:
        """The organisation of a supervisor's command. Raises NotFound for anybody else."""
        organisation = self.supervised.get(slug)
        if organisation is None:
            raise NotFound()
        return organisation

    def watch(self, watched: Mapping[UUID, str]) -> None:
        """Takes over what a page watched before; what it may not is left out."""
        for conversation_id, slug in watched.items():
            if slug in self.supervised:
                self.watched[conversation_id] = self.supervised[slug]


def allowance_for(organisation: OrganisationRef, token: str) -> Allowance:
    """How fast one visitor may send through this process, whichever doors and pages they use.

    Measurements play dialogues as fast as they are answered. The least recently used are forgotten.
    """
    key = token_hash(token)
    allowance = _allowances.pop(key, None)
    if allowance is None:
        factor = MEASUREMENT_FACTOR if organisation.kind == Organisation.Kind.MEASUREMENT else 1.0
        allowance = Allowance(MESSAGES_PER_SECOND * factor, MESSAGES_AT_ONCE * factor)
    _allowances[key] = allowance
    while len(_allowances) > KEPT_ALLOWANCES:
        del _allowances[next(iter(_allowances))]
    return allowance


def desk_sessions(actors: Iterable[Actor]) -> dict[str, DeskSession]:
    """Session key → desk, for those actors who are operators or supervisors. Sync; two queries, however many they are,
    and one more with a supervisor among them."""
    known = list(actors)
    operators = operators_of(known)
    served = organisations_served_by(operators)
    supervised = (
        {one.slug: one for one in active_organisations()} if any(SUPERVISOR in actor.roles for actor in known) else {}
    )
    return {
        actor.session_key: DeskSession(
            actor=actor,
            operator=operators[actor.user_id],
            organisations={one.slug: one for one in served.get(actor.user_id, [])},
            supervised=supervised if SUPERVISOR in actor.roles else {},
        )
        for actor in known
        if actor.user_id in operators
    }


def open_desk(actor: Actor | None) -> DeskSession:
    """The desk of whoever is logged in; a supervisor's place is made with the first visit. Raises NotFound for anybody
    but an operator or a supervisor. Sync; two queries, of a supervisor four."""
    if actor is not None and SUPERVISOR in actor.roles:
        admit_supervisor(actor.user_id, actor.name)
    session = desk_sessions([actor]).get(actor.session_key) if actor else None
    if session is None:
        raise NotFound()
    return session
