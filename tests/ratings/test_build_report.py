"""``manage.py build_report``: any day at once, and errors that say what to change."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tenants.context import OrganisationRef, in_organisation
from tests.cast import acme
from tests.ratings.rows import a_conversation, a_mark, a_promise


def write_a_day(organisation: OrganisationRef) -> None:
    opened_at = datetime(2025, 2, 3, 12, tzinfo=UTC)
    for position, (outcome, waited) in enumerate((("kept", 8.0), ("broken", 50.0), ("broken", None))):
        conversation_id = a_conversation(organisation, opened_at)
        a_promise(conversation_id, 1, "first", opened_at, outcome, waited)
        if position == 0:
            a_mark(conversation_id, 9, opened_at)


def test_it_prints_the_days_figures() -> None:
    in_organisation(acme(), write_a_day)
    out = StringIO()

    call_command("build_report", organisation="acme", date="2025-02-03", stdout=out)

    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert lines[0].endswith("2025-02-03, version 1")
    assert "Conversations 3" in lines
    assert "First replies in time 1 of 3" in lines
    assert "First reply, median 29.0 s" in lines
    assert "Following replies, median –" in lines
    assert "Ratings given 1 of 3" in lines
    assert "Mean mark 9.0" in lines


@pytest.mark.parametrize(
    ("organisation", "day", "message"),
    [
        ("nobody", "2025-02-03", "no active organisation 'nobody'"),
        ("acme", "yesterday", "'yesterday' is not a date"),
        ("acme", "2999-01-01", "has not begun"),
    ],
)
def test_it_says_what_is_wrong(organisation: str, day: str, message: str) -> None:
    acme()

    with pytest.raises(CommandError, match=message):
        call_command("build_report", organisation=organisation, date=day)


def test_a_week_is_named_by_any_of_its_days() -> None:
    out = StringIO()

    call_command("build_report", organisation="acme", date="2025-02-06", period="week", stdout=out)

    assert "week of 2025-02-03, version" in out.getvalue()
