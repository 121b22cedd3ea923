"""What automation says of opening hours, in the visitor's language and the organisation's time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from conversations.services.automation import opening_text
from tenants.hours import Opening

pytestmark = pytest.mark.no_database

ZONE = "Europe/Amsterdam"


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("opening", "text"),
    [
        (Opening(True, None, None, ZONE), "Yes, we are here: we answer day and night, every day."),
        (Opening(True, at(25, 23), None, ZONE), "Yes, we are open now, until 23:00."),
        (Opening(True, at(26, 2), None, ZONE), "Yes, we are open now, until Saturday at 02:00."),
        (Opening(False, None, at(25, 18), ZONE), "We are closed right now. We open again at 18:00."),
        (Opening(False, None, at(26, 8), ZONE), "We are closed right now. We open again on Saturday at 08:00."),
        (Opening(False, None, None, ZONE), "We are closed right now."),
        (
            Opening(False, None, at(26, 8), ZONE, "Christmas Day"),
            "We are closed today: Christmas Day. We open again on Saturday at 08:00.",
        ),
    ],
)
def test_it_says_until_when_or_when_again_and_why(opening: Opening, text: str) -> None:
    assert opening_text(opening, "en", at(25, 12)) == text
