"""Who may have a conversation now: one query over postings, presence and load, flat in the number of operators.

Eligible is an operator who is posted to the organisation and trained for it (its newest client card confirmed, if it
has one), posted for the topic, available and heard of within 45 s, still an operator with an active account, not
excluded, and has room for the conversation's weight within one capacity over all organisations.
"""

from typing import Any
from uuid import UUID

from django.db import connection

from operators.routing import PLACE, Candidate, Wanted
from operators.selectors import PRESENT_SECONDS, OperatorRef
from tenants.context import OrganisationRef

# The clock is read once, in a step of its own: platform_now() differs from row to row, and no index could be used with
# it. Loads and counts are one index look-up per operator of this organisation, whatever else there is in the tables.
_ELIGIBLE = """
WITH moment AS MATERIALIZED (
    SELECT public.platform_now() AS now
), card AS MATERIALIZED (
    SELECT max(version) AS version FROM public.operators_clientcard WHERE organisation_id = %(organisation)s
)
SELECT o.user_id, o.name, o.capacity, o.languages, held.weight, held.waiting,
       %(language)s = ANY (CASE WHEN p.languages = '{}' THEN o.languages ELSE p.languages END),
       extract(epoch FROM moment.now - o.last_offered_at)::float8,
       (SELECT count(*) FROM public.operators_assignment a
        WHERE a.operator_id = o.user_id AND a.started_at > moment.now - interval '1 hour'),
       p.level
FROM public.operators_posting p
CROSS JOIN moment
CROSS JOIN card
JOIN public.operators_operator o ON o.user_id = p.operator_id
JOIN public.operators_presence present ON present.operator_id = o.user_id
JOIN public.tenants_user account ON account.id = o.user_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(q.weight), 0)::int AS weight,
           count(*) FILTER (WHERE q.promise_opened_at IS NOT NULL) AS waiting
    FROM public.operators_queueentry q
    WHERE q.operator_id = o.user_id AND q.state = 'assigned'
) AS held
WHERE p.organisation_id = %(organisation)s
  AND (card.version IS NULL OR p.confirmed_version = card.version)
  AND (%(topic)s = '' OR p.topics = '{}' OR %(topic)s = ANY (p.topics))
  AND present.state = 'available' AND present.seen_at > moment.now - make_interval(secs => %(present_seconds)s)
  AND account.is_active
  AND EXISTS (SELECT 1 FROM public.tenants_staffrole r WHERE r.user_id = o.user_id AND r.role = 'operator')
  AND o.user_id <> ALL (%(excluded)s::uuid[])
  AND held.weight + %(weight)s <= o.capacity * %(place)s
  AND (%(fewer)s::int IS NULL OR held.waiting < %(fewer)s)
"""
_ONLY = "  AND p.operator_id = %(operator)s"


def candidates_for(organisation: OrganisationRef, wanted: Wanted) -> list[Candidate]:
    """Everybody eligible who has room, in no order. One query."""
    return _read(_ELIGIBLE, organisation, wanted, {})


def candidate_again(organisation: OrganisationRef, wanted: Wanted, operator_id: UUID) -> Candidate | None:
    """This one as they are now, if they still are eligible and have room. One query."""
    return next(iter(_read(_ELIGIBLE + _ONLY, organisation, wanted, {"operator": operator_id})), None)


def _read(sql: str, organisation: OrganisationRef, wanted: Wanted, more: dict[str, Any]) -> list[Candidate]:
    parameters: dict[str, Any] = {
        "organisation": organisation.id,
        "language": wanted.language,
        "topic": wanted.topic,
        "weight": wanted.weight,
        "excluded": list(wanted.excluded),
        "present_seconds": PRESENT_SECONDS,
        "place": PLACE,
        "fewer": wanted.fewer_waiting_than,
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    return [
        Candidate(
            operator=OperatorRef(operator_id, name, capacity, tuple(languages)),
            load=load,
            waiting=waiting,
            speaks_language=speaks_language,
            helped_before=operator_id == wanted.helped_before,
            idle_seconds=idle_seconds,
            taken_last_hour=taken,
            level=level,
        )
        for operator_id, name, capacity, languages, load, waiting, speaks_language, idle_seconds, taken, level in rows
    ]
