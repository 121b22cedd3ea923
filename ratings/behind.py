"""What is behind a number: the very rows it counts, over the same selection. Inside the organisation's schema.

A number counts conversations, or what happened in them (replies, marks, answers, questions), or what has no
conversation (questions left outside hours, gaps, verdicts on articles). Rows name conversations, never their words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from ratings.reports import DUE, SELECTED, Figures, parameters
from ratings.selection import Selection
from ratings.selectors import rows, streamed_rows
from tenants.context import OrganisationRef

PAGE_ROWS = 50


class Kind(StrEnum):
    """What one row is."""

    CONVERSATION = "conversation"
    TURN = "turn"
    QUESTION = "question"
    REQUEST = "request"
    GAP = "gap"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Number:
    """``source`` and ``where`` are SQL over the selected conversations ``c``; ``at`` is when the row happened."""

    label: LazyText
    kind: Kind
    source: str
    where: str = "true"
    at: str = "c.opened_at"
    subject: str = "c.id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Waits in seconds. Of a row without a conversation only its own facts are known."""

    at: datetime
    subject_id: UUID
    conversation_id: UUID | None
    website: str
    language: str
    topic: str
    purpose: str
    waited: float | None
    """Of the reply that the row is, when it is one."""
    is_kept: bool | None
    first_wait: float | None
    first_due: int
    first_kept: int
    following_due: int
    following_kept: int
    mark: int | None
    expectation: int | None
    """1 worse, 2 as, 3 better than expected."""

    @property
    def purpose_label(self) -> str:
        return str(Conversation.Purpose(self.purpose).label) if self.purpose else ""


_CONVERSATIONS = "conversations_conversation c"
_TURNS = "conversations_promise p JOIN conversations_conversation c ON c.id = p.conversation_id"
_RATINGS = "ratings_rating r JOIN conversations_conversation c ON c.id = r.conversation_id"
_ASKS = "ratings_ask ask JOIN conversations_conversation c ON c.id = ask.conversation_id"
_ANSWERS = (
    "ratings_answer a JOIN ratings_ask ask ON ask.id = a.ask_id"
    " JOIN conversations_conversation c ON c.id = ask.conversation_id"
)
_QUESTIONS = "knowledgebase_unansweredturn q JOIN conversations_conversation c ON c.id = q.conversation_id"


def _talks(label: LazyText, where: str = "true", source: str = _CONVERSATIONS) -> Number:
    return Number(label, Kind.CONVERSATION, source, where)


def _turns(label: LazyText, kind: str, where: str) -> Number:
    return Number(label, Kind.TURN, _TURNS, f"p.kind = '{kind}' AND {DUE} AND {where}", "p.opened_at", "p.id")


def _answers(label: LazyText, question: str, values: str) -> Number:
    return _talks(label, f"a.question = '{question}' AND a.value IN ({values})", _ANSWERS)


def _felt(value: str) -> str:
    """That the visitor said how they felt at the end."""
    return (
        "EXISTS (SELECT 1 FROM ratings_answer f JOIN ratings_ask asked ON asked.id = f.ask_id"  # noqa: S608 (constants)
        f" WHERE asked.conversation_id = c.id AND f.question = 'feeling' AND {value})"
    )


_KEPT = "p.outcome = 'kept'"
NUMBERS: Mapping[str, Number] = {
    "conversations": _talks(_("Conversations")),
    "answered": _talks(_("Conversations that a person answered"), "c.first_replied_at IS NOT NULL"),
    "not_answered": _talks(_("Conversations that nobody answered"), "c.first_replied_at IS NULL"),
    "first_replies": _turns(_("First replies due"), "first", "true"),
    "first_replies_kept": _turns(_("First replies in time"), "first", _KEPT),
    "first_late": _turns(_("First replies that came too late"), "first", f"NOT {_KEPT}"),
    "follow_ups": _turns(_("Following replies due"), "follow_up", "true"),
    "follow_ups_kept": _turns(_("Following replies in time"), "follow_up", _KEPT),
    "follow_up_late": _turns(_("Following replies that came too late"), "follow_up", f"NOT {_KEPT}"),
    "ratings_asked": _talks(_("Visitors asked for a mark"), "c.rating_requested_at IS NOT NULL"),
    "ratings_shown": _talks(_("Visitors who saw the question"), "ask.shown_at IS NOT NULL", _ASKS),
    "ratings_given": _talks(_("Marks given"), source=_RATINGS),
    **{
        f"mark_{mark}": _talks(label, f"r.mark = {mark}", _RATINGS)
        for mark, label in enumerate(
            (
                _("Marks of 1"), _("Marks of 2"), _("Marks of 3"), _("Marks of 4"), _("Marks of 5"),
                _("Marks of 6"), _("Marks of 7"), _("Marks of 8"), _("Marks of 9"), _("Marks of 10"),
            ),
            1,
        )
    },
    "expectations": _answers(_("Said how it was against what they expected"), "expectation", "1, 2, 3"),
    "better_than_expected": _answers(_("Better than expected"), "expectation", "3"),
    "as_expected": _answers(_("As expected"), "expectation", "2"),
    "worse_than_expected": _answers(_("Worse than expected"), "expectation", "1"),
    "solved_asked": _answers(_("Said whether their question is solved"), "solved", "1, 2, 3"),
    "solved": _answers(_("Said that their question is solved"), "solved", "3"),
    "partly_solved": _answers(_("Said that it is partly solved"), "solved", "2"),
    "not_solved": _answers(_("Said that it is not solved"), "solved", "1"),
    "leads_noted": _talks(_("Conversations noted as a lead or not"), "c.lead IS NOT NULL"),
    "leads": _talks(_("Leads"), "c.lead"),
    "moods_noted": _talks(
        _("Conversations whose end was noted"), f"(c.mood_end IS NOT NULL OR {_felt('f.value IS NOT NULL')})"
    ),
    "angry_ends": _talks(_("Visitors who were angry at the end"), f"(c.mood_end = -2 OR {_felt('f.value = 1')})"),
    "with_article": _talks(
        _("Conversations with an article"),
        "EXISTS (SELECT 1 FROM knowledgebase_suggested used WHERE used.conversation_id = c.id"
        " AND used.outcome <> 'none')",
    ),
    "unanswered_questions": Number(
        _("Questions without an article"), Kind.QUESTION, _QUESTIONS, at="q.at", subject="q.id"
    ),
    "contact_requests": Number(
        _("Contact requests left outside opening hours"),
        Kind.REQUEST,
        "conversations_contactrequest b",
        "b.reason = 'closed' AND (%(website)s = '' OR b.website_key = %(website)s)"
        " AND (%(language)s = '' OR b.language = %(language)s)",
        "b.created_at",
        "b.id",
    ),
    "new_gaps": Number(
        _("New gaps"),
        Kind.GAP,
        "knowledgebase_gap b",
        "b.state <> 'merged' AND (%(language)s = '' OR b.language = %(language)s)",
        "b.first_at",
        "b.id",
    ),
    **{
        name: Number(label, Kind.VERDICT, "knowledgebase_feedback b", f"b.kind IN ({kinds})", "b.at", "b.article_id")
        for name, label, kinds in (
            ("verdicts", _("Visitors who said whether an article helped"), "'helped', 'did_not_help'"),
            ("articles_helped", _("Visitors whom an article helped"), "'helped'"),
            ("articles_did_not_help", _("Visitors whom it did not help"), "'did_not_help'"),
        )
    },
}  # fmt: skip
"""By the name in links. Where :class:`ratings.reports.Figures` counts the same, by the name there."""


WHY_UNTOLD = {
    Kind.REQUEST: _("a contact request has no topic and no purpose"),
    Kind.GAP: _("a gap has no website, topic or purpose"),
    Kind.VERDICT: _("visitors say it in the help too, outside of any conversation"),
}
"""Why a narrowed selection cannot tell a number."""


def count_in(figures: Figures, name: str) -> int | None:
    """What the number says; None where this selection cannot tell."""
    if name.startswith("mark_"):
        return figures.marks[int(name.removeprefix("mark_")) - 1]
    derived = {
        "not_answered": lambda: figures.conversations - figures.answered,
        "first_late": lambda: figures.first_replies - figures.first_replies_kept,
        "follow_up_late": lambda: figures.follow_ups - figures.follow_ups_kept,
        "expectations": lambda: figures.better_than_expected + figures.as_expected + figures.worse_than_expected,
        "solved_asked": lambda: figures.solved + figures.partly_solved + figures.not_solved,
        "verdicts": lambda: None if figures.articles_helped is None else figures.verdicts,
    }
    if name in derived:
        return derived[name]()
    counted: int | None = getattr(figures, name)
    return counted


def can_tell(name: str, selection: Selection) -> bool:
    """Whether the number can be counted when the selection is narrowed like this."""
    narrowed = {field for field in ("website", "language", "topic", "purpose") if getattr(selection, field)}
    told_by = {Kind.REQUEST: {"website", "language"}, Kind.GAP: {"language"}, Kind.VERDICT: set[str]()}
    return narrowed <= told_by.get(NUMBERS[name].kind, narrowed)


def count_behind(organisation: OrganisationRef, selection: Selection, name: str) -> int:
    """How many rows there are. One query."""
    statement = f"SELECT count(*) AS count FROM {NUMBERS[name].source} WHERE {_where(NUMBERS[name])}"  # noqa: S608
    return int(rows(statement, parameters(organisation, selection))[0]["count"])


def page_behind(organisation: OrganisationRef, selection: Selection, name: str, page: int) -> list[Row]:
    """The rows of one page, from page 1; newest first. One query."""
    statement = _rows_of(NUMBERS[name], "LIMIT %(limit)s OFFSET %(offset)s")
    limits = {"limit": PAGE_ROWS, "offset": (page - 1) * PAGE_ROWS}
    return [Row(**row) for row in rows(statement, {**parameters(organisation, selection), **limits})]


def all_behind(organisation: OrganisationRef, selection: Selection, name: str) -> Iterator[Row]:
    """Every row, newest first, without holding them: one query, read by a server-side cursor."""
    for row in streamed_rows(_rows_of(NUMBERS[name], ""), parameters(organisation, selection)):
        yield Row(**row)


def _where(number: Number) -> str:
    if number.kind in (Kind.REQUEST, Kind.GAP, Kind.VERDICT):
        return f"{number.at} >= %(starts_at)s AND {number.at} < %(ends_at)s AND {number.where}"
    return f"{SELECTED} AND {number.where}"


def _rows_of(number: Number, limit: str) -> str:
    """What happened in a conversation is looked up for the rows that are shown, not for all that are counted."""
    own = {
        Kind.REQUEST: "b.conversation_id, b.website_key AS website, b.language, '' AS topic, '' AS purpose",
        Kind.GAP: "NULL::uuid AS conversation_id, '' AS website, b.language, '' AS topic, '' AS purpose",
        Kind.VERDICT: "b.conversation_id, '' AS website, '' AS language, '' AS topic, '' AS purpose",
    }.get(number.kind, "c.id AS conversation_id, c.website_key AS website, c.language, c.topic, c.purpose")
    turn: dict[str, Any] = {
        Kind.TURN: f"CASE WHEN p.answered_at IS NOT NULL THEN p.waited_seconds END AS waited, {_KEPT} AS is_kept"
    }
    return f"""
WITH picked AS (
    SELECT {number.at} AS at, {number.subject} AS subject_id, {own},
           {turn.get(number.kind, "NULL::float8 AS waited, NULL::boolean AS is_kept")}
    FROM {number.source} WHERE {_where(number)}
    ORDER BY 1 DESC, 2 DESC {limit}
)
SELECT picked.*, t.first_wait, coalesce(t.first_due, 0) AS first_due, coalesce(t.first_kept, 0) AS first_kept,
       coalesce(t.following_due, 0) AS following_due, coalesce(t.following_kept, 0) AS following_kept,
       r.mark, e.value AS expectation
FROM picked
LEFT JOIN LATERAL (
    SELECT min(p.waited_seconds) FILTER (WHERE p.kind = 'first' AND p.answered_at IS NOT NULL) AS first_wait,
           count(*) FILTER (WHERE p.kind = 'first') AS first_due,
           count(*) FILTER (WHERE p.kind = 'first' AND {_KEPT}) AS first_kept,
           count(*) FILTER (WHERE p.kind = 'follow_up') AS following_due,
           count(*) FILTER (WHERE p.kind = 'follow_up' AND {_KEPT}) AS following_kept
    FROM conversations_promise p WHERE p.conversation_id = picked.conversation_id AND {DUE}
) t ON true
LEFT JOIN ratings_rating r ON r.conversation_id = picked.conversation_id
LEFT JOIN ratings_ask ask ON ask.conversation_id = picked.conversation_id
LEFT JOIN ratings_answer e ON e.ask_id = ask.id AND e.question = 'expectation'
ORDER BY picked.at DESC, picked.subject_id DESC
"""  # noqa: S608 (made of constants; what is asked for is given as parameters)
