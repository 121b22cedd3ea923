"""The journal's SQL: two statements, run in this order in one transaction.

``LOCK`` takes the conversation rows in the order of their ids and leaves in ``journal.locked`` which it got.
``APPEND`` is a second statement because it needs the fresh snapshot that only a new statement gets: with the lock
inside it, a statement that waited would number and settle by what it saw before it waited. It dedupes by ``cid`` (a
visitor's over all their conversations: a page may resend after a new one began), numbers, inserts, opens or settles the
promise and its clock, records the turn that was answered, and touches the queue row.

While ``Conversation.pause_reason`` is set a new turn begins paused: no clock runs and the queue row shows no promise.
"""

import functools

from psycopg import sql

from operators.turns import HOLDER_OF_MOST

_LOCK = """
SELECT set_config('journal.locked', coalesce((
    SELECT string_agg(held.id::text, ',') FROM (
        SELECT id FROM {conversation} WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE {skip}
    ) AS held), ''), true)
"""

_APPEND = """
WITH input AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS i(
        ord int, conversation_id uuid, id uuid, kind text, sender_kind text, sender_id uuid, sender_name text,
        cid uuid, target int, body text, attachments jsonb, payload jsonb, promise_id uuid)
), held AS MATERIALIZED (
    SELECT c.id, c.state, c.operator_id, c.operator_name, c.last_seq, c.first_replied_at, c.open_promise_id,
           c.pause_reason,
           greatest(public.platform_now(), c.last_entry_at) AS at
    FROM {conversation} c
    WHERE c.id = ANY(string_to_array(current_setting('journal.locked'), ',')::uuid[])
), known AS (
    SELECT DISTINCT ON (i.ord) i.ord, e.id, e.seq, e.at, e.conversation_id
    FROM input i JOIN {entry} e ON e.cid = i.cid AND e.sender_kind = i.sender_kind
        AND (e.sender_id = i.sender_id OR (i.sender_id IS NULL AND e.conversation_id = i.conversation_id))
), fresh AS (
    SELECT i.*, h.at, h.first_replied_at, h.open_promise_id, h.pause_reason,
           h.last_seq + row_number() OVER (PARTITION BY i.conversation_id ORDER BY i.ord) AS seq
    FROM input i JOIN held h ON h.id = i.conversation_id
    WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.ord = i.ord)
      AND (i.kind <> 'message.sent' OR i.sender_kind = 'automatic'
           -- Whether this specialist may write is the service's question: it holds the escalation.
           OR (i.sender_kind IN ('visitor', 'specialist') AND h.state <> 'closed')
           OR (i.sender_kind = 'operator' AND h.state = 'assigned' AND h.operator_id = i.sender_id))
), written AS (
    INSERT INTO {entry} (id, conversation_id, seq, kind, sender_kind, sender_id, sender_name, cid, target, body,
                         attachments, payload, at)
    SELECT id, conversation_id, seq, kind, sender_kind, sender_id, sender_name, cid, target, body,
           attachments, payload, at
    FROM fresh
), turn AS (
    SELECT conversation_id, max(seq) AS last_seq, max(at) AS at,
           bool_or(first_replied_at IS NOT NULL) AS replied,
           (array_agg(open_promise_id))[1] AS open_promise_id,
           max(pause_reason) AS pause_reason,
           min(seq) FILTER (WHERE kind = 'message.sent' AND sender_kind = 'visitor') AS asked_seq,
           min(seq) FILTER (WHERE kind = 'message.sent' AND sender_kind IN ('operator', 'specialist')) AS answered_seq,
           (array_agg(promise_id ORDER BY seq) FILTER (WHERE promise_id IS NOT NULL))[1] AS promise_id,
           (array_agg(sender_id ORDER BY seq) FILTER (
               WHERE kind = 'message.sent' AND sender_kind IN ('operator', 'specialist')))[1] AS answered_by,
           (array_agg(sender_name ORDER BY seq) FILTER (
               WHERE kind = 'message.sent' AND sender_kind IN ('operator', 'specialist')))[1] AS answered_name
    FROM fresh GROUP BY conversation_id
), opened AS (
    INSERT INTO {promise} (id, conversation_id, kind, opened_seq, opened_at, warn_at, due_at, paused_seconds,
                           paused_from, pause_reason, responsible_name, outcome)
    SELECT t.promise_id, t.conversation_id, p.kind, t.asked_seq, t.at,
           t.at + make_interval(secs => p.seconds * o.warn_percent / 100.0), t.at + make_interval(secs => p.seconds),
           0, CASE WHEN t.pause_reason <> '' THEN t.at END, t.pause_reason, '', ''
    FROM turn t
    CROSS JOIN (SELECT first_reply_seconds, follow_up_seconds, warn_percent FROM public.tenants_organisation
                WHERE schema_name = {schema_name}) AS o
    CROSS JOIN LATERAL (SELECT CASE WHEN t.replied THEN 'follow_up' ELSE 'first' END AS kind,
                               CASE WHEN t.replied THEN o.follow_up_seconds ELSE o.first_reply_seconds END AS seconds
                       ) AS p
    WHERE t.asked_seq IS NOT NULL AND t.open_promise_id IS NULL
    RETURNING id, conversation_id, kind, opened_at, warn_at, due_at, paused_from
), running AS (
    SELECT * FROM opened WHERE paused_from IS NULL
), ending AS (
    -- A pause of unknown length stands still: whoever answers in it is not late, whatever the time is.
    SELECT t.conversation_id, t.at, t.answered_seq, t.answered_by, t.answered_name, p.id,
           coalesce(p.running_from, p.opened_at) AS since, p.due_at,
           p.outcome = 'broken' AS is_broken,
           t.at > p.due_at AND (p.paused_from IS NULL OR p.resumes_at IS NOT NULL) AS is_late,
           p.paused_seconds + CASE WHEN p.paused_from IS NULL THEN 0 ELSE
               greatest(extract(epoch FROM least(t.at, p.resumes_at) - p.paused_from)::float8, 0) END AS paused_seconds
    FROM turn t JOIN {promise} p ON p.id = t.open_promise_id
    WHERE t.answered_seq IS NOT NULL AND p.settled_at IS NULL
), settled AS (
    UPDATE {promise} p
    SET answered_at = e.at, settled_at = e.at, answered_seq = e.answered_seq,
        waited_seconds = greatest(extract(epoch FROM e.at - p.opened_at)::float8 - e.paused_seconds, 0),
        paused_seconds = e.paused_seconds, paused_from = NULL, resumes_at = NULL,
        outcome = CASE WHEN e.is_broken OR e.is_late THEN 'broken' ELSE 'kept' END,
        broken_at = CASE WHEN e.is_late THEN coalesce(p.broken_at, e.at) ELSE p.broken_at END,
        -- Broken under one operator and answered by another: it stays with whom it was broken.
        (responsible_id, responsible_name) = (
            SELECT CASE WHEN e.is_broken THEN p.responsible_id WHEN e.is_late THEN held.operator_id
                        ELSE e.answered_by END,
                   CASE WHEN e.is_broken THEN p.responsible_name WHEN e.is_late THEN coalesce(held.name, '')
                        ELSE e.answered_name END
            FROM (SELECT e.is_late AND NOT e.is_broken AS is_open) AS question
            LEFT JOIN LATERAL ({holder_of_most}) AS held ON question.is_open
        )
    FROM ending e
    WHERE p.id = e.id
    RETURNING p.id, p.conversation_id, p.kind, p.outcome, p.opened_at, p.settled_at, p.waited_seconds, p.responsible_id
), recorded AS (
    INSERT INTO public.operators_turnrecord (id, organisation_id, conversation_id, operator_id, kind, outcome,
                                             opened_at, settled_at, waited_seconds)
    SELECT s.id, o.id, s.conversation_id, s.responsible_id, s.kind, s.outcome, s.opened_at, s.settled_at,
           s.waited_seconds
    FROM settled s CROSS JOIN (SELECT id FROM public.tenants_organisation WHERE schema_name = {schema_name}) AS o
    ON CONFLICT (id) DO UPDATE
    SET outcome = excluded.outcome, operator_id = excluded.operator_id, settled_at = excluded.settled_at,
        waited_seconds = excluded.waited_seconds
), started AS (
    INSERT INTO public.operators_clock (id, schema_name, conversation_id, kind, warn_at, reoffer_at, due_at, next_at)
    SELECT r.id, {schema_name}, r.conversation_id, 'promise', r.warn_at, silent.at, r.due_at,
           least(r.warn_at, silent.at, r.due_at)
    FROM running r
    CROSS JOIN LATERAL (SELECT r.opened_at + make_interval(secs => (
        SELECT reoffer_seconds FROM public.tenants_organisation
        WHERE schema_name = {schema_name} AND r.kind = 'first')) AS at) AS silent
), stopped AS (
    DELETE FROM public.operators_clock k USING settled s WHERE k.id = s.id
), touched AS (
    UPDATE {conversation} c
    SET last_seq = t.last_seq, last_entry_at = t.at,
        first_replied_at = CASE WHEN t.answered_seq IS NULL THEN c.first_replied_at
                                ELSE coalesce(c.first_replied_at, t.at) END,
        open_promise_id = CASE WHEN s.id IS NOT NULL THEN NULL ELSE coalesce(c.open_promise_id, o.id) END
    FROM turn t LEFT JOIN opened o USING (conversation_id) LEFT JOIN settled s USING (conversation_id)
    WHERE c.id = t.conversation_id
), queued AS (
    UPDATE public.operators_queueentry q
    SET last_seq = t.last_seq,
        promise_kind = CASE WHEN s.id IS NOT NULL THEN '' ELSE coalesce(r.kind, q.promise_kind) END,
        promise_opened_at = CASE WHEN s.id IS NOT NULL THEN NULL ELSE coalesce(r.opened_at, q.promise_opened_at) END,
        promise_warn_at = CASE WHEN s.id IS NOT NULL THEN NULL ELSE coalesce(r.warn_at, q.promise_warn_at) END,
        promise_due_at = CASE WHEN s.id IS NOT NULL THEN NULL ELSE coalesce(r.due_at, q.promise_due_at) END,
        -- Hours pause the turn, an escalation the conversation.
        pause_reason = CASE WHEN s.id IS NOT NULL AND q.pause_reason = 'outside_hours' THEN ''
                            ELSE q.pause_reason END
    FROM turn t LEFT JOIN running r USING (conversation_id) LEFT JOIN settled s USING (conversation_id)
    WHERE q.conversation_id = t.conversation_id
)
SELECT i.ord,
       CASE WHEN k.ord IS NOT NULL THEN 'known' WHEN f.ord IS NOT NULL THEN 'appended'
            WHEN h.id IS NULL THEN 'unlocked' WHEN h.state = 'closed' THEN 'closed' ELSE 'not_assigned' END AS outcome,
       coalesce(k.id, f.id) AS id, coalesce(k.seq, f.seq)::int AS seq, coalesce(k.at, f.at) AS at,
       coalesce(k.conversation_id, i.conversation_id), h.operator_id, h.first_replied_at IS NOT NULL AS replied
FROM input i
LEFT JOIN held h ON h.id = i.conversation_id
LEFT JOIN known k ON k.ord = i.ord
LEFT JOIN fresh f ON f.ord = i.ord
ORDER BY i.ord
"""

_APPEND_DESK = """
WITH input AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS i(
        ord int, conversation_id uuid, id uuid, kind text, sender_kind text, sender_id uuid, sender_name text,
        cid uuid, body text, payload jsonb)
), held AS MATERIALIZED (
    SELECT c.id, c.last_desk_seq, c.operator_id, public.platform_now() AS at
    FROM {conversation} c
    WHERE c.id = ANY(string_to_array(current_setting('journal.locked'), ',')::uuid[])
), known AS (
    SELECT DISTINCT ON (i.ord) i.ord, e.id, e.desk_seq, e.at, e.conversation_id
    FROM input i JOIN {desk_entry} e ON e.cid = i.cid AND e.sender_kind = i.sender_kind
        AND (e.sender_id = i.sender_id OR (i.sender_id IS NULL AND e.conversation_id = i.conversation_id))
), fresh AS (
    SELECT i.*, h.at, h.last_desk_seq + row_number() OVER (PARTITION BY i.conversation_id ORDER BY i.ord) AS desk_seq
    FROM input i JOIN held h ON h.id = i.conversation_id
    WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.ord = i.ord)
), written AS (
    INSERT INTO {desk_entry} (id, conversation_id, desk_seq, kind, sender_kind, sender_id, sender_name, cid, body,
                              payload, at)
    SELECT id, conversation_id, desk_seq, kind, sender_kind, sender_id, sender_name, cid, body, payload, at FROM fresh
), turn AS (
    SELECT conversation_id, max(desk_seq) AS last_desk_seq FROM fresh GROUP BY conversation_id
), touched AS (
    UPDATE {conversation} c SET last_desk_seq = t.last_desk_seq FROM turn t WHERE c.id = t.conversation_id
), queued AS (
    UPDATE public.operators_queueentry q SET last_desk_seq = t.last_desk_seq
    FROM turn t WHERE q.conversation_id = t.conversation_id
)
SELECT i.ord, CASE WHEN k.ord IS NOT NULL THEN 'known' WHEN f.ord IS NOT NULL THEN 'appended' ELSE 'unlocked' END,
       coalesce(k.id, f.id), coalesce(k.desk_seq, f.desk_seq)::int, coalesce(k.at, f.at),
       coalesce(k.conversation_id, i.conversation_id), h.operator_id, false
FROM input i
LEFT JOIN held h ON h.id = i.conversation_id
LEFT JOIN known k ON k.ord = i.ord
LEFT JOIN fresh f ON f.ord = i.ord
ORDER BY i.ord
"""


@functools.lru_cache(maxsize=4096)
def statement(name: str, schema_name: str) -> str:
    """``lock``, ``lock_free`` (skips what others hold), ``append`` or ``append_desk`` with every table qualified."""
    text = {"lock": _LOCK, "lock_free": _LOCK, "append": _APPEND, "append_desk": _APPEND_DESK}[name]
    tables = {
        "conversation": "conversations_conversation",
        "entry": "conversations_entry",
        "desk_entry": "conversations_deskentry",
        "promise": "conversations_promise",
    }
    return (
        sql.SQL(text)
        .format(
            schema_name=sql.Literal(schema_name),
            holder_of_most=sql.SQL(
                HOLDER_OF_MOST.format(conversation="e.conversation_id", since="e.since", until="e.due_at")
            ),
            skip=sql.SQL("SKIP LOCKED" if name == "lock_free" else ""),
            **{key: sql.Identifier(schema_name, table) for key, table in tables.items()},
        )
        .as_string(None)
    )
