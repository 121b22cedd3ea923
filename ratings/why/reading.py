"""Rated conversations of a selection as the analysis wants them. Inside the organisation's schema; ids and codes only,
never what was said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from conversations.models import Conversation
from ratings.analysis import Purpose, RatedConversations
from ratings.factors import EXPECTATION, Factor
from ratings.reports import SELECTED, parameters
from ratings.selection import Selection
from ratings.selectors import rows
from tenants.context import OrganisationRef

Ints = NDArray[np.int64]
MOST_RATINGS = 20_000
"""The newest of a selection; what was measured for so many is in docs/satisfaction.md."""
ROWS_AT_ONCE = 500
"""Rows become Python's in portions, so that other threads get a turn between them."""
GROUPINGS = ("topic", "purpose", "hour", "page", "language", "website")

QUESTIONS = (EXPECTATION, *Factor.values)
NOT_RECORDED = float("nan")

_PURPOSES = {
    Conversation.Purpose.PROBLEM: Purpose.PROBLEM,
    Conversation.Purpose.INFORMATION: Purpose.INFORMATION,
    Conversation.Purpose.ADVICE: Purpose.ADVICE,
    Conversation.Purpose.COMPLAINT: Purpose.COMPLAINT,
}
"""What operators file under "other" has nothing in common, and counts as not recorded."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rated:
    """One row per rated conversation in all parts, the newest first. ``codes`` and ``labels`` say for each of
    ``GROUPINGS`` which group a row is in, −1 for none, and what a code stands for."""

    data: RatedConversations
    conversations: Sequence[str]
    opened_at: Sequence[datetime]
    codes: Mapping[str, Ints]
    labels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was said in the whole selection. ``by_day`` has ten counts for each local day with a mark; ``expectations``
    are worse, as expected and better."""

    asked: int
    by_day: Mapping[date, tuple[int, ...]]
    expectations: tuple[int, int, int]

    @property
    def marks(self) -> tuple[int, ...]:
        return tuple(sum(counts) for counts in zip(*self.by_day.values(), strict=True)) or (0,) * 10

    @property
    def ratings(self) -> int:
        return sum(self.marks)


_PLACES = ", ".join(f"max(a.value) FILTER (WHERE a.question = '{one}') AS {one}" for one in QUESTIONS)
_RATED = f"""
WITH picked AS MATERIALIZED (
    SELECT c.id, c.opened_at, c.website_key, c.language, c.topic, c.purpose, c.page_url,
           c.lead, c.mood_start, c.mood_end, r.mark
    FROM conversations_conversation c JOIN ratings_rating r ON r.conversation_id = c.id
    WHERE {SELECTED} ORDER BY c.opened_at DESC, c.id DESC LIMIT %(most)s
), turns AS (
    -- Due and kept as in reports; waits are those that ended with an answer.
    SELECT p.conversation_id,
           min(p.waited_seconds) FILTER (WHERE p.kind = 'first' AND p.answered_at IS NOT NULL) AS first_wait,
           max(p.waited_seconds) FILTER (WHERE p.kind <> 'first' AND p.answered_at IS NOT NULL) AS worst_wait,
           count(*) FILTER (WHERE p.outcome = 'kept') AS kept,
           count(*) FILTER (WHERE p.outcome IN ('kept', 'broken') OR (
               p.outcome = '' AND p.paused_from IS NULL AND p.due_at <= public.platform_now())) AS due
    FROM conversations_promise p JOIN picked ON picked.id = p.conversation_id GROUP BY p.conversation_id
), wrote AS (
    SELECT e.conversation_id, count(DISTINCT e.sender_id) AS operators
    FROM conversations_entry e JOIN picked ON picked.id = e.conversation_id
    WHERE e.kind = 'message.sent' AND e.sender_kind = 'operator' AND e.deleted_at IS NULL GROUP BY e.conversation_id
), used AS (
    -- What the replies made of articles had to mention, and did.
    SELECT used.conversation_id, count(*) AS articles, sum(used.points) AS points, sum(used.mentioned) AS mentioned
    FROM knowledgebase_suggested used JOIN picked ON picked.id = used.conversation_id
    WHERE used.outcome <> 'none' GROUP BY used.conversation_id
), answered AS (
    SELECT ask.conversation_id, {_PLACES}
    FROM ratings_ask ask JOIN picked ON picked.id = ask.conversation_id JOIN ratings_answer a ON a.ask_id = ask.id
    GROUP BY ask.conversation_id
)
SELECT picked.id::text AS id, picked.opened_at, picked.website_key AS website, picked.language, picked.topic,
       picked.purpose, picked.page_url, picked.lead, picked.mood_start, picked.mood_end, picked.mark,
       extract(hour FROM picked.opened_at AT TIME ZONE %(zone)s)::int AS hour,
       turns.first_wait, coalesce(turns.worst_wait, 0) AS worst_wait, coalesce(turns.kept, 0) AS kept,
       coalesce(turns.due, 0) AS due, coalesce(wrote.operators, 0) AS operators,
       used.articles IS NOT NULL AS used, used.mentioned::int AS mentioned, used.points::int AS points,
       {", ".join(f"answered.{one}" for one in QUESTIONS)}
FROM picked
LEFT JOIN turns ON turns.conversation_id = picked.id
LEFT JOIN wrote ON wrote.conversation_id = picked.id
LEFT JOIN used ON used.conversation_id = picked.id
LEFT JOIN answered ON answered.conversation_id = picked.id
ORDER BY picked.opened_at DESC, picked.id DESC
"""  # noqa: S608 (made of constants; what is asked for is given as parameters)


def rated_in(organisation: OrganisationRef, selection: Selection, most: int = MOST_RATINGS) -> Rated:
    """The ``most`` newest rated conversations of the selection. One query."""
    asked = {**parameters(organisation, selection), "most": most, "zone": organisation.time_zone}
    found = columns(_RATED, asked)
    several = len(set(found["website"])) > 1
    keys = {
        **{name: found[name] for name in ("topic", "purpose", "language", "website")},
        "hour": [f"{hour:02}" for hour in found["hour"]],
        "page": [_page(url, website if several else "") for url, website in _zip(found, "page_url", "website")],
    }
    coded = {name: _coded(values) for name, values in keys.items()}
    codes = {name: codes for name, (codes, _labels) in coded.items()}
    return Rated(
        data=_data(found, codes),
        conversations=found["id"],
        opened_at=found["opened_at"],
        codes=codes,
        labels={name: labels for name, (_codes, labels) in coded.items()},
    )


Columns = Mapping[str, list[Any]]


def columns(statement: str, asked: Mapping[str, Any]) -> Columns:
    """The statement's rows, as a list per column."""
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        found: list[list[Any]] = [[] for _ in cursor.description]
        while portion := cursor.fetchmany(ROWS_AT_ONCE):
            for column, values in zip(found, zip(*portion, strict=True), strict=True):
                column.extend(values)
        return dict(zip([column.name for column in cursor.description], found, strict=True))


def _zip(found: Columns, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(found[name] for name in names), strict=True)


def _data(found: Columns, codes: Mapping[str, Ints]) -> RatedConversations:
    """Completeness is known where a reply was made of an article that asks for points."""
    given = {name: _floats(found[name]) for name in Factor.values}
    return RatedConversations.recorded(
        found["mark"],
        factors={name: values for name, values in given.items() if not np.isnan(values).all()},
        expectation=[-1 if one is None else one - 1 for one in found[EXPECTATION]],
        first_wait_seconds=_floats(found["first_wait"]),
        worst_follow_up_seconds=found["worst_wait"],
        kept_share=[kept / due if due else NOT_RECORDED for kept, due in _zip(found, "kept", "due")],
        operators=[one or -1 for one in found["operators"]],
        knowledge_used=[int(one) for one in found["used"]],
        completeness_share=[
            mentioned / points if points else NOT_RECORDED for mentioned, points in _zip(found, "mentioned", "points")
        ],
        mood_start=_floats(found["mood_start"]),
        mood_end=_floats(found["mood_end"]),
        lead=[-1 if one is None else int(one) for one in found["lead"]],
        purpose=[int(_PURPOSES.get(one, Purpose.NOT_RECORDED)) for one in found["purpose"]],
        hour=found["hour"],
        topic=codes["topic"],
        page=codes["page"],
        language=codes["language"],
    )


def _floats(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([NOT_RECORDED if one is None else one for one in values], dtype=np.float64)


def _page(url: str, website: str) -> str:
    """The path alone: what follows it may name a person. With its website where there are several."""
    try:
        path = urlsplit(url).path
    except ValueError:  # no address at all: a visitor's browser may say anything
        path = ""
    return f"{website} {path}" if path and website else path


def _coded(values: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    """−1 for the empty one."""
    labels = tuple(sorted(set(values) - {""}))
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places.get(value, -1) for value in values], dtype=np.int64), labels


_GIVEN = f"""
SELECT (c.opened_at AT TIME ZONE %(zone)s)::date AS day,
       count(*) FILTER (WHERE c.rating_requested_at IS NOT NULL) AS asked,
       ARRAY[{", ".join(f"count(*) FILTER (WHERE r.mark = {mark})" for mark in range(1, 11))}] AS marks,
       ARRAY[{", ".join(f"count(*) FILTER (WHERE a.value = {place})" for place in (1, 2, 3))}]
           AS expectations
FROM conversations_conversation c
LEFT JOIN ratings_rating r ON r.conversation_id = c.id
LEFT JOIN ratings_ask ask ON ask.conversation_id = c.id
LEFT JOIN ratings_answer a ON a.ask_id = ask.id AND a.question = %(expectation)s
WHERE {SELECTED} GROUP BY day ORDER BY day
"""  # noqa: S608 (as above)


def given_in(organisation: OrganisationRef, selection: Selection) -> Given:
    """Every mark and expectation of the selection, however many. One query."""
    asked = {**parameters(organisation, selection), "zone": organisation.time_zone, "expectation": EXPECTATION}
    found = rows(_GIVEN, asked)
    worse, same, better = (sum(row["expectations"][place] for row in found) for place in range(3))
    return Given(
        asked=sum(row["asked"] for row in found),
        by_day={row["day"]: tuple(row["marks"]) for row in found if any(row["marks"])},
        expectations=(worse, same, better),
    )


_NEWEST = """
SELECT (SELECT count(*) FROM ratings_rating) AS ratings, (SELECT max(given_at) FROM ratings_rating) AS given,
       (SELECT max(changed_at) FROM ratings_rating) AS changed, (SELECT count(*) FROM ratings_answer) AS answers,
       (SELECT max(changed_at) FROM ratings_answer) AS answers_changed
"""


def newest_said(_organisation: OrganisationRef) -> tuple[object, ...]:
    """Another value whenever anybody has given, changed or answered anything. One query."""
    return tuple(rows(_NEWEST, {})[0].values())
