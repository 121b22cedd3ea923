"""A new organisation's schema as a copy of one that stands: its tables, and never a row of anybody's.

Migrations from the first to the last take seconds, and more of them each month; a copy takes a fraction of one. It is
the same schema: `tests/tenants/test_schema_cloning.py` compares the catalogues of both.
"""

import functools

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from tenants.models import Organisation

Migrations = frozenset[tuple[str, str]]
# Where migrations wait they wait in all: nobody needs to look through hundreds.
LOOKED_AT = 3

# Tables are all that a copy knows of: where something else stands, migrations run.
_OTHER_THINGS = """
SELECT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind NOT IN ('r', 'i', 'S'))
    OR EXISTS (SELECT 1 FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace)
    OR EXISTS (SELECT 1 FROM pg_type WHERE typnamespace = %(schema)s::regnamespace AND typtype IN ('e', 'd', 'r'))
    OR EXISTS (SELECT 1 FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
               WHERE c.relnamespace = %(schema)s::regnamespace AND NOT g.tgisinternal)
"""
_TABLES = "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r' ORDER BY 1"
_CONSTRAINTS = """
SELECT quote_ident(c.relname), quote_ident(k.conname), pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.connamespace = %s::regnamespace AND k.contype = ANY(%s) ORDER BY 1, 2
"""
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid), quote_ident(c.relname)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = %s::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY 1
"""
_KEYS, _REFERENCES = ["p", "u", "x"], ["f"]


class NotAlike(Exception):
    """The schema changed while it was copied; the copy is gone."""


def schema_to_copy() -> str | None:
    """The schema of an active organisation in which every migration of this code has run; None when none of the newest
    few is one. A query, and at most two for each that is looked at."""
    schemas = Organisation.objects.filter(state=Organisation.State.ACTIVE).order_by("-created_at")
    for schema in schemas.values_list("schema_name", flat=True)[:LOOKED_AT]:
        if _known_migrations() <= _applied(schema) and not _has_other_things(schema):
            return schema
    return None


def copy_tables(source: str, target: str) -> None:
    """Makes the schema ``target`` with the tables of ``source``, all or nothing. Raises NotAlike when migrations ran in
    ``source`` meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        applied = _applied(source)
        [(before,)] = _rows("SELECT current_setting('search_path')")
        old, new = (connection.ops.quote_name(schema) for schema in (source, target))
        cursor.execute(f"CREATE SCHEMA {new}")
        # What is written down without a schema is the source's while it is read, and the copy's while it is made.
        cursor.execute("SELECT set_config('search_path', %s, true)", [old])
        tables = [name for (name,) in _rows(_TABLES, source)]
        keys, references = (_rows(_CONSTRAINTS, source, kinds) for kinds in (_KEYS, _REFERENCES))
        indexes = _rows(_INDEXES, source)
        cursor.execute("SELECT set_config('search_path', %s, true)", [new])
        for table in tables:
            cursor.execute(f"CREATE TABLE {new}.{table} (LIKE {old}.{table} INCLUDING ALL EXCLUDING INDEXES)")
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {new}.{table} ADD CONSTRAINT {name} {definition}")
        for definition, table in indexes:
            made, found, columns = definition.partition(f" ON {_quoted(source)}.{table} ")
            if not found:
                raise NotAlike(definition)
            cursor.execute(f"{made} ON {new}.{table} {columns}")
        for table, name, definition in references:
            cursor.execute(f"ALTER TABLE {new}.{table} ADD CONSTRAINT {name} {definition}")
        cursor.execute(
            f"INSERT INTO {new}.django_migrations (app, name, applied)"  # noqa: S608 (names are quoted)
            f" SELECT app, name, applied FROM {old}.django_migrations ORDER BY id"
        )
        if _applied(source) != applied:
            raise NotAlike(source)
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])


@functools.cache
def _known_migrations() -> Migrations:
    return frozenset(MigrationLoader(None).disk_migrations or ())


def _applied(schema: str) -> Migrations:
    table = f"{connection.ops.quote_name(schema)}.django_migrations"
    return frozenset((app, name) for app, name in _rows(f"SELECT app, name FROM {table}"))  # noqa: S608


def _has_other_things(schema: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_OTHER_THINGS, {"schema": schema})
        return bool(cursor.fetchone()[0])


def _quoted(name: str) -> str:
    """As PostgreSQL writes it: in quotation marks only where it must."""
    return str(_rows("SELECT quote_ident(%s)", name)[0][0])


def _rows(statement: str, *parameters: str | list[str]) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return list(cursor.fetchall())
