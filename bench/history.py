"""An organisation's past, written in a few set-based statements: conversations with their promises, asks, answers,
marks and used articles, as the services leave them. No entries: no figure is counted from them."""

from typing import Any

from django.db import connection, models, transaction
from django.db.models.fields import NOT_PROVIDED

from conversations.models import ContactRequest, Conversation, Promise, Visitor
from knowledgebase.models import Article, ArticleText, Feedback, Gap, Suggested, UnansweredTurn
from ratings.models import Answer, Ask, Rating
from tenants.context import OrganisationRef

DAYS = 60
ARTICLES = 20
# Everything below is a share of the conversations, or of what the line names.
VISITORS, OPERATORS = 0.7, 12
SAW_THE_QUESTION = 0.7  # of those who were asked
MARKED = 0.25  # of all
_TABLES = (
    Visitor,
    Conversation,
    Promise,
    Ask,
    Rating,
    Answer,
    Suggested,
    Feedback,
    Gap,
    UnansweredTurn,
    ContactRequest,
)

# ``today`` is the organisation's. Waits are log-normal around 10 s: about one first reply in eight is late.
_TALKS = """
CREATE TEMPORARY TABLE talk ON COMMIT DROP AS
SELECT uuidv7(opened_at - now()) AS id, begun.*, opened_at + make_interval(secs => 70 * turns + 60) AS closed_at,
       is_marked OR (is_answered AND random() < %(saw)s) AS has_seen
FROM (
    SELECT n,
           ((%(today)s::date - 1 - floor(random() * %(days)s)::int) + time '08:00' + interval '13 hours' * random())
               AT TIME ZONE %(zone)s AS opened_at,
           1 + floor(random() * %(visitors)s)::int AS visitor,
           1 + floor(random() * random() * 14)::int + (random() < 0.5)::int * 2 AS turns,
           random() < 0.97 AS is_answered,
           random() < %(marked)s AS is_marked,
           (ARRAY['shop', 'shop', 'shop', 'outlet'])[1 + floor(random() * 4)::int] AS website,
           (ARRAY['nl', 'nl', 'nl', 'en', 'en', 'de'])[1 + floor(random() * 6)::int] AS language,
           (ARRAY['delivery', 'delivery', 'delivery', 'returns', 'returns', 'payment', 'sizes', ''])
               [1 + floor(random() * 8)::int] AS topic,
           (ARRAY['problem', 'problem', 'information', 'information', 'information', 'advice', 'complaint', 'other'])
               [1 + floor(random() * 8)::int] AS purpose,
           least(10, greatest(1, round(random_normal(8, 1.8))))::int AS mark,
           floor(random() * %(operators)s)::int AS operator
    FROM generate_series(1, %(conversations)s) AS n
) AS begun
ORDER BY opened_at
"""
_VISITOR_IDS = """
CREATE TEMPORARY TABLE person ON COMMIT DROP AS
SELECT n, uuidv7(interval '-61 days') AS id FROM generate_series(1, %(visitors)s) AS n
"""
_TURNS = """
CREATE TEMPORARY TABLE turn ON COMMIT DROP AS
SELECT talk.*, k, 1 + 2 * k AS seq, opened_at + make_interval(secs => 70 * (k - 1)) AS asked_at,
       exp(random_normal(2.3, 0.6)) AS waited, CASE k WHEN 1 THEN 20 ELSE 30 END AS promised, random() AS chance
FROM talk CROSS JOIN LATERAL generate_series(1, CASE WHEN is_answered THEN turns ELSE 1 END) AS k
ORDER BY opened_at, k
"""


def write_history(organisation: OrganisationRef, *, conversations: int, today: str, seed: float) -> None:
    """The organisation's last 60 days up to yesterday; ``seed`` from 0 to 1. The same every time but for the ids. To be
    called in the organisation's schema, on an empty one."""
    given: dict[str, Any] = {
        "conversations": conversations,
        "visitors": max(1, int(VISITORS * conversations)),
        "operators": OPERATORS,
        "today": today,
        "days": DAYS,
        "zone": organisation.time_zone,
        "saw": SAW_THE_QUESTION,
        "marked": MARKED,
    }
    articles = [Article(slug=f"article-{n}", state=Article.State.LIVE, version=1) for n in range(ARTICLES)]
    with transaction.atomic(), connection.cursor() as cursor:
        Article.objects.bulk_create(articles)
        ArticleText.objects.bulk_create(
            [ArticleText(article=one, language="en", title=one.slug, short_reply="Yes.") for one in articles]
        )
        cursor.execute("SELECT setseed(%s)", [seed])
        for statement in (_TALKS, _VISITOR_IDS, _TURNS):
            cursor.execute(statement, given)
        cursor.execute("ANALYZE talk, person, turn")
        _write_conversations()
        _write_ratings()
        _write_knowledge()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) " + ", ".join(table._meta.db_table for table in (*_TABLES, Article)))


def _write_conversations() -> None:
    _insert(Visitor, "person ORDER BY n", id="person.id")
    _insert(
        Conversation,
        "talk JOIN person ON person.n = talk.visitor ORDER BY opened_at",
        id="talk.id",
        visitor_id="person.id",
        website_id="'00000000-0000-7000-8000-000000000001'::uuid",
        website_key="website",
        page_url="'https://' || website || '.example/products/' || talk.n",
        page_title="'Product ' || talk.n",
        language="language",
        topic="topic",
        purpose="purpose",
        lead="CASE WHEN mod(talk.n, 3) > 0 THEN mod(talk.n, 12) = 1 END",
        mood_end="CASE WHEN mod(talk.n, 4) > 0 THEN sign(mark - 6) + (mark > 8)::int - (mark < 3)::int END",
        state="'closed'",
        operator_id="lpad(operator::text, 32, '0')::uuid",
        operator_name="'Operator ' || operator",
        last_seq="2 * turns + 3",
        opened_at="opened_at",
        last_entry_at="closed_at",
        first_replied_at="CASE WHEN is_answered THEN opened_at + interval '12 seconds' END",
        closed_at="closed_at",
        rating_requested_at="CASE WHEN is_answered OR has_seen THEN closed_at END",
    )
    _insert(
        Promise,
        "turn ORDER BY opened_at, k",
        id="uuidv7(asked_at - now())",
        conversation_id="turn.id",
        kind="CASE k WHEN 1 THEN 'first' ELSE 'follow_up' END",
        opened_seq="seq",
        opened_at="asked_at",
        warn_at="asked_at + make_interval(secs => 0.6 * promised)",
        due_at="asked_at + make_interval(secs => promised)",
        broken_at="CASE WHEN waited > promised THEN asked_at + make_interval(secs => promised) END",
        answered_at="CASE WHEN is_answered THEN asked_at + make_interval(secs => waited) END",
        answered_seq="CASE WHEN is_answered THEN seq + 1 END",
        settled_at="asked_at + make_interval(secs => waited)",
        waited_seconds="CASE WHEN is_answered THEN waited END",
        responsible_id="lpad(operator::text, 32, '0')::uuid",
        responsible_name="'Operator ' || operator",
        outcome="CASE WHEN waited > promised THEN 'broken' WHEN is_answered THEN 'kept' ELSE 'abandoned' END",
    )
    _insert(
        ContactRequest,
        "talk JOIN person ON person.n = talk.visitor WHERE mod(talk.n, 20) = 0 ORDER BY opened_at",
        id="uuidv7(opened_at - now())",
        visitor_id="person.id",
        cid="gen_random_uuid()",
        reason="CASE WHEN mod(talk.n, 100) = 0 THEN 'closing_time' ELSE 'closed' END",
        email="'visitor@example.com'",
        body="'A question of the night.'",
        website_key="website",
        language="language",
        state="CASE WHEN opened_at < now() - interval '3 days' THEN 'handled' ELSE 'new' END",
        created_at="opened_at + interval '10 hours'",
    )


def _write_ratings() -> None:
    _insert(
        Ask,
        "talk WHERE is_answered OR has_seen ORDER BY closed_at",
        id="talk.id",
        conversation_id="talk.id",
        language="language",
        questions="ARRAY['expectation', 'solved', 'trust', 'complete']",
        way="CASE WHEN has_seen THEN 'thread' ELSE '' END",
        asked_at="closed_at",
        shown_at="CASE WHEN has_seen THEN closed_at + interval '1 second' END",
        open_until="closed_at + interval '14 days'",
    )
    _insert(
        Rating,
        "talk WHERE is_marked ORDER BY closed_at",
        id="uuidv7(closed_at - now())",
        conversation_id="talk.id",
        mark="mark",
        comment="CASE WHEN mod(n, 4) = 0 THEN 'It went as I had hoped, number ' || n ELSE '' END",
        given_at="closed_at + interval '9 seconds'",
    )
    _insert(
        Answer,
        "(SELECT talk.*, place, question FROM talk"
        "  CROSS JOIN unnest(ARRAY['expectation', 'solved', 'trust', 'complete']) WITH ORDINALITY AS q(question, place)"
        "  WHERE is_marked AND random() + 0 * n < 0.95 - 0.1 * place ORDER BY closed_at, place) AS said",
        id="uuidv7(closed_at - now())",
        ask_id="said.id",
        question="question",
        value="CASE WHEN place <= 2 THEN 1 + (mark > 5)::int + (mark > 7)::int ELSE least(5, (mark + 1) / 2) END",
        given_at="closed_at + make_interval(secs => 9 + 3 * place)",
    )


def _write_knowledge() -> None:
    article = f"(SELECT a.id FROM knowledgebase_article a WHERE a.slug = 'article-' || mod(turn.n, {ARTICLES}))"
    _insert(
        Suggested,
        "turn WHERE chance < 0.5 ORDER BY opened_at, k",
        id="uuidv7(asked_at - now())",
        conversation_id="turn.id",
        seq="seq",
        language="language",
        confidence="chance",
        outcome="CASE WHEN chance < 0.2 THEN 'used' WHEN chance < 0.23 THEN 'found' ELSE 'none' END",
        article_id=f"CASE WHEN chance < 0.23 THEN {article} END",
        rank="CASE WHEN chance < 0.2 THEN 1 END",
        at="asked_at",
    )
    _insert(
        UnansweredTurn,
        "turn WHERE chance > 0.93 ORDER BY opened_at, k",
        id="uuidv7(asked_at - now())",
        conversation_id="turn.id",
        seq="seq",
        language="language",
        question="'Made up, and not answered'",
        answer="'An operator knew'",
        at="asked_at",
    )
    _insert(
        Feedback,
        "turn WHERE chance < 0.03 ORDER BY opened_at, k",
        id="uuidv7(asked_at - now())",
        article_id=article,
        cid="gen_random_uuid()",
        kind="CASE WHEN chance < 0.02 THEN 'helped' ELSE 'did_not_help' END",
        version="1",
        at="asked_at",
    )
    _insert(
        Gap,
        "talk WHERE mod(n, 150) = 0 ORDER BY opened_at",
        id="uuidv7(opened_at - now())",
        language="language",
        question="'Made up, number ' || n",
        times="3",
        first_at="opened_at",
        last_at="closed_at",
        state="CASE WHEN mod(n, 300) = 0 THEN 'closed' ELSE 'open' END",
    )


def _insert(model: type[models.Model], source: str, **values: str) -> None:
    """Rows of the model: ``values`` are SQL by column; other columns get what the model gives them."""
    left_out = [
        field
        for field in model._meta.concrete_fields
        if field.column not in values and not field.null and field.db_default is NOT_PROVIDED
    ]
    defaults: list[Any] = [field.get_db_prep_save(field.get_default(), connection) for field in left_out]
    columns = ", ".join([*values, *(str(field.column) for field in left_out)])
    expressions = ", ".join([*values.values(), *["%s"] * len(left_out)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {expressions} FROM {source}",
            defaults or None,
        )
