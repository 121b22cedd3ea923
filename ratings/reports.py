"""A report's figures, counted in one query.

A conversation belongs to the local date of its first visitor message, in the organisation's time zone, with everything
that happened in it later: replies after midnight, a reopening, a late rating.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from ratings.selectors import day_start, rows
from tenants.context import OrganisationRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the ``Report`` columns of the same names hold. Waits in seconds, None when nothing was answered."""

    conversations: int
    first_replies: int
    first_replies_kept: int
    follow_ups: int
    follow_ups_kept: int
    first_wait_median_seconds: float | None
    first_wait_p90_seconds: float | None
    follow_up_wait_median_seconds: float | None
    follow_up_wait_p90_seconds: float | None
    ratings_asked: int
    ratings_given: int
    mark_sum: int
    contact_requests: int
    with_article: int
    unanswered_questions: int
    new_gaps: int
    articles_helped: int
    articles_did_not_help: int


_FIGURES = """
WITH day AS (
    SELECT id, rating_requested_at FROM conversations_conversation
    WHERE opened_at >= %(starts_at)s AND opened_at < %(ends_at)s
), turn AS (
    -- A broken promise stays broken when it is answered; one that nobody marked yet is broken once it is past due,
    -- unless it stands still. Waits are those that ended with an answer.
    SELECT p.kind, CASE WHEN p.answered_at IS NOT NULL THEN p.waited_seconds END AS waited_seconds,
           p.outcome = 'kept' AS kept,
           p.outcome IN ('kept', 'broken')
               OR (p.outcome = '' AND p.paused_from IS NULL AND p.due_at <= public.platform_now()) AS due
    FROM conversations_promise p JOIN day ON day.id = p.conversation_id
), waits AS (
    SELECT kind,
           count(*) FILTER (WHERE due) AS due,
           count(*) FILTER (WHERE due AND kept) AS kept,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY waited_seconds) FILTER (WHERE due) AS median,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY waited_seconds) FILTER (WHERE due) AS p90
    FROM turn GROUP BY kind
), marks AS (
    SELECT count(*) AS given, coalesce(sum(r.mark), 0) AS mark_sum
    FROM ratings_rating r JOIN day ON day.id = r.conversation_id
), verdicts AS (
    -- Outside of conversations too: visitors say in the help whether an article was of use.
    SELECT count(*) FILTER (WHERE kind = 'helped') AS helped,
           count(*) FILTER (WHERE kind = 'did_not_help') AS did_not_help
    FROM knowledgebase_feedback WHERE at >= %(starts_at)s AND at < %(ends_at)s
)
SELECT (SELECT count(*) FROM day) AS conversations,
       coalesce(f.due, 0) AS first_replies, coalesce(f.kept, 0) AS first_replies_kept,
       coalesce(u.due, 0) AS follow_ups, coalesce(u.kept, 0) AS follow_ups_kept,
       f.median AS first_wait_median_seconds, f.p90 AS first_wait_p90_seconds,
       u.median AS follow_up_wait_median_seconds, u.p90 AS follow_up_wait_p90_seconds,
       (SELECT count(*) FROM day WHERE rating_requested_at IS NOT NULL) AS ratings_asked,
       marks.given AS ratings_given, marks.mark_sum AS mark_sum,
       (SELECT count(*) FROM conversations_contactrequest
        WHERE reason = 'closed' AND created_at >= %(starts_at)s AND created_at < %(ends_at)s) AS contact_requests,
       (SELECT count(*) FROM day WHERE EXISTS (
            SELECT 1 FROM knowledgebase_suggested used
            WHERE used.conversation_id = day.id AND used.outcome <> 'none')) AS with_article,
       (SELECT count(*) FROM knowledgebase_unansweredturn turn
        JOIN day ON day.id = turn.conversation_id) AS unanswered_questions,
       (SELECT count(*) FROM knowledgebase_gap
        WHERE first_at >= %(starts_at)s AND first_at < %(ends_at)s AND state <> 'merged') AS new_gaps,
       verdicts.helped AS articles_helped, verdicts.did_not_help AS articles_did_not_help
FROM marks CROSS JOIN verdicts
LEFT JOIN waits f ON f.kind = 'first'
LEFT JOIN waits u ON u.kind = 'follow_up'
"""


def figures_for_days(organisation: OrganisationRef, first: date, last: date) -> Figures:
    """The figures of the local days from ``first`` to ``last``, both included. One query."""
    bounds = {
        "starts_at": day_start(organisation.time_zone, first),
        "ends_at": day_start(organisation.time_zone, last + timedelta(days=1)),
    }
    return Figures(**rows(_FIGURES, bounds)[0])
