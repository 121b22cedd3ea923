"""Visitor tokens: 256 random bits, sealed for one organisation, hashed at rest (rule 36).

The seal is a keyed hash over the schema's name and the random part, so a token made up by a client or given out by
another organisation is recognised without asking the database. The row appears with the visitor's first message.
"""

import base64
import hashlib
import hmac
import secrets

from django.utils.crypto import salted_hmac

VERSION = "v1"
RANDOM_BYTES = 32
SEAL_BYTES = 16


def new_token(schema_name: str) -> str:
    """A token that nobody holds yet."""
    random = _text(secrets.token_bytes(RANDOM_BYTES))
    return f"{VERSION}.{random}.{_seal(schema_name, random)}"


def is_ours(schema_name: str, token: str) -> bool:
    """Was this token given out by us, for this organisation?"""
    version, _, rest = token.partition(".")
    random, _, seal = rest.partition(".")
    return version == VERSION and hmac.compare_digest(seal.encode(), _seal(schema_name, random).encode())


def token_hash(token: str) -> bytes:
    """What is stored: the token is random enough for a plain hash."""
    return hashlib.sha256(token.encode()).digest()


def _seal(schema_name: str, random: str) -> str:
    digest = salted_hmac("conversations.tokens", f"{schema_name}.{random}", algorithm="sha256").digest()
    return _text(digest[:SEAL_BYTES])


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
