"""Figures of a selection of conversations, counted in one query: what reports store and pages show.

A conversation belongs to the local date of its first visitor message, in the organisation's time zone, with everything
that happened in it later: replies after midnight, a reopening, a late rating.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ratings.selection import NARROWING, Selection
from ratings.selectors import day_start, rows
from tenants.context import OrganisationRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the ``Report`` columns of the same names hold. Waits in seconds, None when nothing was answered. What a
    narrowed selection cannot tell (a gap has no website) is None there, and never in a report."""

    conversations: int
    answered: int
    """A person replied in it."""
    first_replies: int
    first_replies_kept: int
    follow_ups: int
    follow_ups_kept: int
    first_wait_median_seconds: float | None
    first_wait_p90_seconds: float | None
    follow_up_wait_median_seconds: float | None
    follow_up_wait_p90_seconds: float | None
    ratings_asked: int
    ratings_shown: int
    ratings_given: int
    mark_sum: int
    marks: list[int]
    """How many gave a 1, a 2 … a 10."""
    better_than_expected: int
    as_expected: int
    worse_than_expected: int
    solved: int
    """Visitors who said so; what is inferred from their returns is not in reports, for it changes for a week."""
    partly_solved: int
    not_solved: int
    leads_noted: int
    """Conversations whose operator noted whether they are a lead."""
    leads: int
    moods_noted: int
    """Conversations whose end somebody noted: the operator, or the visitor who said how they felt."""
    angry_ends: int
    contact_requests: int | None
    with_article: int
    unanswered_questions: int
    new_gaps: int | None
    articles_helped: int | None
    articles_did_not_help: int | None

    @property
    def verdicts(self) -> int:
        """Visitors who said whether an article helped."""
        return (self.articles_helped or 0) + (self.articles_did_not_help or 0)


SELECTED = """
    c.opened_at >= %(starts_at)s AND c.opened_at < %(ends_at)s
    AND (%(website)s = '' OR c.website_key = %(website)s) AND (%(language)s = '' OR c.language = %(language)s)
    AND (%(topic)s = '' OR c.topic = %(topic)s) AND (%(purpose)s = '' OR c.purpose = %(purpose)s)
"""
"""That a row ``c`` of conversations is in the selection of :func:`parameters`."""

DUE = """(
    p.outcome IN ('kept', 'broken')
    OR (p.outcome = '' AND p.paused_from IS NULL AND p.due_at <= public.platform_now())
)"""
"""That a row ``p`` of promises counts: a broken promise stays broken when it is answered; one that nobody marked yet is
broken once it is past due, unless it stands still."""

_FIGURES = f"""
WITH day AS MATERIALIZED (
    SELECT c.id, c.rating_requested_at, c.first_replied_at, c.lead, c.mood_end FROM conversations_conversation c
    WHERE {SELECTED}
), turn AS (
    -- Waits are those that ended with an answer.
    SELECT p.kind, CASE WHEN p.answered_at IS NOT NULL THEN p.waited_seconds END AS waited_seconds,
           p.outcome = 'kept' AS kept, {DUE} AS due
    FROM conversations_promise p JOIN day ON day.id = p.conversation_id
), waits AS (
    SELECT kind,
           count(*) FILTER (WHERE due) AS due,
           count(*) FILTER (WHERE due AND kept) AS kept,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY waited_seconds) FILTER (WHERE due) AS median,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY waited_seconds) FILTER (WHERE due) AS p90
    FROM turn GROUP BY kind
), marks AS (
    SELECT count(*) AS given, coalesce(sum(r.mark), 0) AS mark_sum,
           ARRAY[{", ".join(f"count(*) FILTER (WHERE r.mark = {mark})" for mark in range(1, 11))}] AS marks
    FROM ratings_rating r JOIN day ON day.id = r.conversation_id
), asks AS (
    SELECT ask.id, ask.shown_at FROM ratings_ask ask JOIN day ON day.id = ask.conversation_id
), answers AS (
    SELECT count(*) FILTER (WHERE a.question = 'expectation' AND a.value = 3) AS better,
           count(*) FILTER (WHERE a.question = 'expectation' AND a.value = 2) AS as_expected,
           count(*) FILTER (WHERE a.question = 'expectation' AND a.value = 1) AS worse,
           count(*) FILTER (WHERE a.question = 'solved' AND a.value = 3) AS solved,
           count(*) FILTER (WHERE a.question = 'solved' AND a.value = 2) AS partly,
           count(*) FILTER (WHERE a.question = 'solved' AND a.value = 1) AS not_solved
    FROM ratings_answer a JOIN asks ON asks.id = a.ask_id
), feelings AS (
    SELECT ask.conversation_id, a.value FROM ratings_answer a
    JOIN ratings_ask ask ON ask.id = a.ask_id JOIN day ON day.id = ask.conversation_id
    WHERE a.question = 'feeling' AND a.value IS NOT NULL
), endings AS (
    SELECT count(day.lead) AS leads_noted, count(*) FILTER (WHERE day.lead) AS leads,
           count(*) FILTER (WHERE day.mood_end IS NOT NULL OR felt.value IS NOT NULL) AS moods_noted,
           count(*) FILTER (WHERE day.mood_end = -2 OR felt.value = 1) AS angry_ends
    FROM day LEFT JOIN feelings felt ON felt.conversation_id = day.id
), verdicts AS (
    -- Outside of conversations too: visitors say in the help whether an article was of use.
    SELECT count(*) FILTER (WHERE kind = 'helped') AS helped,
           count(*) FILTER (WHERE kind = 'did_not_help') AS did_not_help
    FROM knowledgebase_feedback WHERE at >= %(starts_at)s AND at < %(ends_at)s
)
SELECT (SELECT count(*) FROM day) AS conversations,
       (SELECT count(*) FROM day WHERE first_replied_at IS NOT NULL) AS answered,
       coalesce(f.due, 0) AS first_replies, coalesce(f.kept, 0) AS first_replies_kept,
       coalesce(u.due, 0) AS follow_ups, coalesce(u.kept, 0) AS follow_ups_kept,
       f.median AS first_wait_median_seconds, f.p90 AS first_wait_p90_seconds,
       u.median AS follow_up_wait_median_seconds, u.p90 AS follow_up_wait_p90_seconds,
       (SELECT count(*) FROM day WHERE rating_requested_at IS NOT NULL) AS ratings_asked,
       (SELECT count(*) FROM asks WHERE shown_at IS NOT NULL) AS ratings_shown,
       marks.given AS ratings_given, marks.mark_sum AS mark_sum, marks.marks AS marks,
       answers.better AS better_than_expected, answers.as_expected AS as_expected, answers.worse AS worse_than_expected,
       answers.solved AS solved, answers.partly AS partly_solved, answers.not_solved AS not_solved,
       endings.leads_noted, endings.leads, endings.moods_noted, endings.angry_ends,
       CASE WHEN %(topic)s = '' AND %(purpose)s = '' THEN
           (SELECT count(*) FROM conversations_contactrequest
            WHERE reason = 'closed' AND created_at >= %(starts_at)s AND created_at < %(ends_at)s
              AND (%(website)s = '' OR website_key = %(website)s)
              AND (%(language)s = '' OR language = %(language)s)) END AS contact_requests,
       (SELECT count(*) FROM day WHERE EXISTS (
            SELECT 1 FROM knowledgebase_suggested used
            WHERE used.conversation_id = day.id AND used.outcome <> 'none')) AS with_article,
       (SELECT count(*) FROM knowledgebase_unansweredturn turn
        JOIN day ON day.id = turn.conversation_id) AS unanswered_questions,
       CASE WHEN %(website)s = '' AND %(topic)s = '' AND %(purpose)s = '' THEN
           (SELECT count(*) FROM knowledgebase_gap
            WHERE first_at >= %(starts_at)s AND first_at < %(ends_at)s AND state <> 'merged'
              AND (%(language)s = '' OR language = %(language)s)) END AS new_gaps,
       CASE WHEN NOT %(is_narrowed)s THEN verdicts.helped END AS articles_helped,
       CASE WHEN NOT %(is_narrowed)s THEN verdicts.did_not_help END AS articles_did_not_help
FROM marks CROSS JOIN answers CROSS JOIN endings CROSS JOIN verdicts
LEFT JOIN waits f ON f.kind = 'first'
LEFT JOIN waits u ON u.kind = 'follow_up'
"""  # noqa: S608 (made of constants; what is asked for is given as parameters)


def parameters(organisation: OrganisationRef, selection: Selection) -> dict[str, Any]:
    """What the statements over a selection are given."""
    return {
        "starts_at": day_start(organisation.time_zone, selection.first),
        "ends_at": day_start(organisation.time_zone, selection.last + timedelta(days=1)),
        "is_narrowed": selection.is_narrowed,
        **{name: getattr(selection, name) for name in NARROWING},
    }


def figures_of(organisation: OrganisationRef, selection: Selection) -> Figures:
    """The figures of the selected conversations. One query."""
    return Figures(**rows(_FIGURES, parameters(organisation, selection))[0])


def figures_for_days(organisation: OrganisationRef, first: date, last: date) -> Figures:
    """The figures of the local days from ``first`` to ``last``, both included. One query."""
    return figures_of(organisation, Selection(first=first, last=last))
