"""What a request for a rating says. The app above this one knows the questions, and names itself here when ready."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from conversations.models import Conversation
from tenants.context import OrganisationRef

Asks = Callable[[OrganisationRef, Conversation, datetime], dict[str, Any]]
"""``asks(organisation, conversation, now)`` → the payload of ``rating.requested``. In the closing's transaction, under
the conversation's lock."""

ByMail = Callable[[OrganisationRef], bool]
"""``by_mail(organisation)`` → whether visitors who agree to it are asked by mail."""

_named: list[tuple[Asks, ByMail]] = []


def asks_with(asks: Asks, by_mail: ByMail) -> None:
    """From now on requests say what ``asks`` returns."""
    _named[:] = [(asks, by_mail)]


def request_payload(organisation: OrganisationRef, conversation: Conversation, now: datetime) -> dict[str, Any]:
    """Only the mark, if nobody named more."""
    return _named[0][0](organisation, conversation, now) if _named else {}


def asks_by_mail(organisation: OrganisationRef) -> bool:
    """Whether a visitor who leaves an address is offered to be asked there."""
    return bool(_named) and _named[0][1](organisation)
