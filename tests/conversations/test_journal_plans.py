"""How the journal's statements are planned: made while tables are empty, and kept."""

import re

import psycopg
import pytest
from django.conf import settings

from conversations import journal_sql
from conversations.journal import PLANS
from tests.cast import acme


@pytest.mark.parametrize("statement", ["append", "append_desk"])
def test_no_plan_scans_a_whole_table(statement: str) -> None:
    database = {name.lower(): str(settings.DATABASES["default"][name]) for name in ("NAME", "USER", "HOST")}
    text = journal_sql.statement(statement, acme().schema_name).replace("%s::jsonb", "$1::jsonb")
    with psycopg.connect(dbname=database["name"], user=database["user"], host=database["host"], options=PLANS) as own:
        own.execute("SELECT set_config('journal.locked', '', true)")
        own.execute(f"PREPARE journal_step (text) AS {text}")

        plan = "\n".join(line for (line,) in own.execute("EXPLAIN EXECUTE journal_step ('[]')"))

    assert "Index Scan" in plan
    assert re.findall(r"Seq Scan on (?:conversations|operators|tenants)_\w+.*", plan) == []
