"""Public holidays: named in a language of the organisation, of the region asked for; nothing for what is unknown."""

from datetime import date

import pytest

from tenants.errors import Invalid
from tenants.public_holidays import PublicHoliday, countries, holidays_of, regions

pytestmark = pytest.mark.no_database


def test_names_come_in_the_first_language_that_the_list_speaks() -> None:
    dutch, english = (holidays_of("NL", "", 2027, languages)[0] for languages in (("nl", "en"), ("ja", "en")))
    own = holidays_of("DE", "", 2027, ("nl", "ja"))[0]

    assert dutch == PublicHoliday(date(2027, 1, 1), "Nieuwjaarsdag")
    assert english.name == "New Year's Day"
    assert own.name == "Neujahr"


def test_they_come_in_order_and_of_that_year_only() -> None:
    days = [one.date for one in holidays_of("JP", "", 2027, ("ja",))]

    assert days == sorted(set(days))
    assert {day.year for day in days} == {2027}


def test_a_region_adds_its_own() -> None:
    bavaria = {one.date for one in holidays_of("DE", "BY", 2027, ("en",))}
    country = {one.date for one in holidays_of("DE", "", 2027, ("en",))}

    assert date(2027, 1, 6) in bavaria - country
    assert ("BY", "Bayern") in regions("DE")


def test_what_is_not_known_is_refused() -> None:
    for country, region in (("XX", ""), ("", ""), ("NL", "ZZ"), ("../..", "")):
        with pytest.raises(Invalid):
            holidays_of(country, region, 2027, ("en",))
    assert regions("XX") == ()


def test_countries_have_readable_names() -> None:
    assert dict(countries())["NL"] == "Netherlands"
    assert dict(countries())["GB"] == "United Kingdom"
    assert len(countries()) > 150
