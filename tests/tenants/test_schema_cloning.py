"""A copied schema equals a migrated one, to the last default, and holds nobody's rows."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from conversations.models import Visitor
from tenants import services
from tenants.context import in_organisation
from tenants.models import Organisation
from tenants.schema_cloning import NotAlike, copy_tables, schema_to_copy
from tenants.services import create_organisation, schema_name_for
from tests.cast import acme
from tests.tenants.test_services import new

COLUMNS = """
SELECT c.relname, row_number() OVER (PARTITION BY c.relname ORDER BY a.attnum), a.attname,
       format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage,
       a.attcompression, a.attcollation::regcollation::text, pg_get_expr(d.adbin, d.adrelid),
       col_description(c.oid, a.attnum)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = """
SELECT c.relname, k.conname, k.contype, k.condeferrable, k.condeferred, k.convalidated, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.connamespace = %s::regnamespace
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s"
OTHERS = "SELECT relkind, relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind <> 'i'"
MIGRATIONS = "SELECT array_agg(app || '.' || name ORDER BY app, name) FROM {schema}.django_migrations"


def rows(statement: str, *parameters: str) -> set[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return {tuple(str(value) for value in row) for row in cursor.fetchall()}


def catalogue(schema: str) -> dict[str, set[tuple[Any, ...]]]:
    """Everything that PostgreSQL knows of the schema, without its name."""
    found = {
        name: rows(statement, schema)
        for name, statement in (
            ("columns", COLUMNS), ("constraints", CONSTRAINTS), ("indexes", INDEXES), ("others", OTHERS),
        )
    }  # fmt: skip
    found["migrations"] = rows(MIGRATIONS.format(schema=schema))
    nameless = re.compile(rf'\b"?{schema}"?\.')
    return {name: {tuple(nameless.sub("", value) for value in row) for row in group} for name, group in found.items()}


@pytest.fixture
def schema(platform_database: None) -> Iterator[str]:
    name = schema_name_for(f"copied-{uuid4().hex[:8]}")
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")


def test_a_copied_schema_equals_a_migrated_one(schema: str) -> None:  # rule 32
    migrated = Organisation(slug="migrated", name="Migrated", schema_name=f"{schema}_by_migrations")
    migrated.create_schema(verbosity=0)
    try:
        copy_tables(migrated.schema_name, schema)
        copy, original = catalogue(schema), catalogue(migrated.schema_name)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {migrated.schema_name} CASCADE")

    assert all(original[name] for name in ("columns", "constraints", "indexes", "migrations"))
    for name, rows_of_original in original.items():
        assert copy[name] == rows_of_original, name


def test_no_migration_writes_rows_that_a_copy_would_lack(schema: str) -> None:
    Organisation(slug="fresh", name="Fresh", schema_name=schema).create_schema(verbosity=0)

    tables = {table for _kind, table in rows(OTHERS, schema) if _kind == "r"} - {"django_migrations"}

    assert len(tables) > 20
    assert [table for table in sorted(tables) if rows(f"SELECT 1 FROM {schema}.{table} LIMIT 1")] == []


def test_nobodys_rows_are_copied_and_new_rows_go_nowhere_else(schema: str) -> None:  # rule 15
    in_organisation(acme(), lambda _: Visitor.objects.create())
    there = rows(f"SELECT count(*) FROM {acme().schema_name}.conversations_visitor")

    copy_tables(acme().schema_name, schema)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {schema}.django_migrations (app, name, applied) VALUES ('x', 'y', now())")

    assert rows(f"SELECT count(*) FROM {schema}.conversations_visitor") == {("0",)}
    assert rows(f"SELECT count(*) FROM {acme().schema_name}.conversations_visitor") == there
    assert rows(f"SELECT 1 FROM {acme().schema_name}.django_migrations WHERE app = 'x'") == set()


def test_a_schema_that_is_behind_is_not_copied(schema: str) -> None:
    Organisation.objects.create(slug="one-behind", name="Behind", schema_name=schema, state=Organisation.State.ACTIVE)
    copy_tables(acme().schema_name, schema)
    assert schema_to_copy() == schema  # the newest

    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {schema}.django_migrations WHERE id = (SELECT max(id) FROM {schema}.django_migrations)"
        )
    try:
        assert schema_to_copy() != schema
    finally:
        Organisation.objects.filter(slug="one-behind").delete()


def test_what_is_more_than_tables_is_not_copied(schema: str) -> None:
    Organisation.objects.create(slug="viewed", name="Viewed", schema_name=schema, state=Organisation.State.ACTIVE)
    copy_tables(acme().schema_name, schema)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE VIEW {schema}.sight AS SELECT 1 AS one")
    try:
        assert schema_to_copy() != schema
    finally:
        Organisation.objects.filter(slug="viewed").delete()


def test_a_copy_that_fails_leaves_nothing_and_the_organisation_is_made_by_migrations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def half(source: str, target: str) -> None:
        raise NotAlike(source)

    monkeypatch.setattr(services, "copy_tables", half)

    made = create_organisation(new())

    assert catalogue(made.schema_name)["columns"] == catalogue(acme().schema_name)["columns"]


def test_migrations_find_nothing_to_do_in_a_copy(schema: str) -> None:
    copy_tables(acme().schema_name, schema)
    before = catalogue(schema)

    call_command("migrate_schemas", tenant=True, schema_name=schema, verbosity=0)

    assert catalogue(schema) == before
