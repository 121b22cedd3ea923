"""What opens the guest page of a specialist: the mailed link's token, and the secret of the browser that spent it.

The token is a signature over the step's id and the number of its link, with a salt of its own and the organisation's
schema in it, so nothing is stored of it and a mail that is sent twice carries the same one. Whether it still opens
anything is in the step's row (expiry, number, spent, ended). It stands in the address's fragment, which browsers put
into no request, no log and no referrer (rule 36).
"""

import secrets
from uuid import UUID

from django.core.signing import BadSignature, Signer

SALT = "conversations.guest_tokens"
SECRET_BYTES = 32
PAGE_PATH = "/specialist/"


def link_token(schema_name: str, step_id: UUID, link_number: int) -> str:
    """The token of this step's link; the same whenever it is asked for."""
    return _signer(schema_name).sign(f"{step_id.hex}.{link_number}")


def step_of_token(schema_name: str, token: str) -> tuple[UUID, int] | None:
    """(step, number of the link), or None for what this organisation never signed. No query."""
    try:
        step_id, _, number = _signer(schema_name).unsign(token).partition(".")
        return UUID(hex=step_id), int(number)
    except (BadSignature, ValueError):
        return None


def new_secret() -> str:
    """For one browser; stored as :func:`conversations.tokens.token_hash` makes it."""
    return secrets.token_urlsafe(SECRET_BYTES)


def _signer(schema_name: str) -> Signer:
    return Signer(sep=".", salt=f"{SALT}.{schema_name}")
