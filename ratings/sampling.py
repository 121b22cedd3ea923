"""Matrix sampling: which two factors the next visitor is asked, so that all pairs are asked equally often.

Nobody waits for anybody as long as there are more pairs than closings at one moment: a closing takes the least asked
pair that no other closing holds.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from ratings.factors import pairs
from ratings.models import AskedPair

_LEAST = """
SELECT min(asked), count(*) FROM ratings_askedpair WHERE language = %s AND first = ANY(%s) AND second = ANY(%s)
"""
# A row that another transaction changed meanwhile is looked at again, condition and all, once it is locked.
_TAKE_FREE = """
SELECT id, first, second FROM ratings_askedpair
WHERE language = %s AND first = ANY(%s) AND second = ANY(%s) AND asked <= %s
ORDER BY asked, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_TAKE_NEXT = """
SELECT id, first, second FROM ratings_askedpair
WHERE id = (SELECT id FROM ratings_askedpair WHERE language = %s AND first = ANY(%s) AND second = ANY(%s)
            ORDER BY asked, id LIMIT 1) AND asked <= %s
FOR UPDATE
"""
_COUNT = "UPDATE ratings_askedpair SET asked = asked + 1 WHERE id = %s"


def next_pair(language: str, factors: Sequence[str]) -> list[str]:
    """The pair to ask now, in the order of ``factors``; all of them when there are fewer than three. Counted when the
    caller's transaction commits.

    Locks that pair's row. Only a pair that was asked at most once more than the least asked one is taken. The least
    never falls and nothing else counts, so the most and the least asked pair never differ by more than two; by more
    than one only when closings at the same moment outnumber the pairs that are least asked, and never for long.
    """
    if len(factors) < 3:
        return list(factors)
    names = list(factors)
    among: list[Any] = [language, names, names]
    wanted = pairs(names)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_LEAST, among)
            least, known = cursor.fetchone()
            if known < len(wanted):
                _begin(language, wanted)
                continue
            for statement in (_TAKE_FREE, _TAKE_NEXT):
                taken = _take(cursor, statement, [*among, least + 1])
                if taken is not None:
                    cursor.execute(_COUNT, [taken[0]])
                    return sorted(taken[1:], key=names.index)


def _take(cursor: Any, statement: str, parameters: list[Any]) -> tuple[int, str, str] | None:
    """The pair, locked. Without one no lock is kept: who waits for a pair holds none, so no two wait for each other."""
    savepoint = transaction.savepoint()
    cursor.execute(statement, parameters)
    taken: tuple[int, str, str] | None = cursor.fetchone()
    if taken is None:
        transaction.savepoint_rollback(savepoint)
    else:
        transaction.savepoint_commit(savepoint)
    return taken


def _begin(language: str, wanted: Sequence[tuple[str, str]]) -> None:
    """Counters for pairs that have none. Two at once make them once."""
    counters = [AskedPair(language=language, first=first, second=second) for first, second in wanted]
    AskedPair.objects.bulk_create(counters, ignore_conflicts=True)


def begin_anew(language: str) -> None:
    """The choice of factors changed: all pairs count from nought, or new ones would be asked alone until they had
    caught up. What was asked stays in ``Ask``. In the caller's transaction."""
    AskedPair.objects.filter(language=language).delete()
