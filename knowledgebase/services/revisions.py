"""The number by which every process notices that the knowledge base has changed.

Its row is the one lock of everything that changes the knowledge base of an organisation, and is taken first: numbers
become visible in the order in which they were given, so whoever has read up to a number misses nothing below it.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from knowledgebase.models import Article, Revision

_TAKE = """
INSERT INTO {table} AS revision (id, number) VALUES (1, {first}) ON CONFLICT (id) DO UPDATE SET number = {next}
RETURNING number
"""


def lock_revision() -> int:
    """Waits until nobody else changes the knowledge base, and returns its number. Until the transaction ends."""
    return _ask(_TAKE, first="0", next="revision.number")


def next_revision() -> int:
    """The number for what this transaction changes; takes the lock. One query."""
    return _ask(_TAKE, first="1", next="revision.number + 1")


def mark_changed(article_ids: Collection[UUID]) -> int:
    """For a change that makes no new version, such as a learned question: the articles are read again. Two queries.

    Call it before other rows are locked, in the transaction of the change.
    """
    number = next_revision()
    Article.objects.filter(pk__in=article_ids).update(revision=number)
    return number


def _ask(sql: str, **parts: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(table=connection.ops.quote_name(Revision._meta.db_table), **parts))
        return cursor.fetchone()[0]
