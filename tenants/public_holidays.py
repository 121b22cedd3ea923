"""Public holidays by country and region, from a library that many people maintain. Pure: no database."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import holidays
from django.utils.translation import gettext_lazy as _
from holidays.registry import COUNTRIES

from tenants.errors import Invalid

LABEL_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class PublicHoliday:
    date: date
    name: str


@functools.cache
def countries() -> tuple[tuple[str, str], ...]:
    """(ISO code, English name) of every country that is known, by name."""
    known = {code: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name) for name, code, *_rest in COUNTRIES.values()}
    return tuple(sorted(known.items(), key=lambda one: one[1]))


@functools.cache
def regions(country: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of the country's regions that have holidays of their own; none for an unknown country."""
    if country not in dict(countries()):
        return ()
    rules = holidays.country_holidays(country)
    names = {code: name for name, code in rules.subdivisions_aliases.items()}
    return tuple(sorted(((code, names.get(code, code)) for code in rules.subdivisions), key=lambda one: one[1]))


def holidays_of(country: str, region: str, year: int, languages: Sequence[str]) -> list[PublicHoliday]:
    """The year's public holidays in order, named in the first of these languages that the country's list speaks, else
    in the country's own. Raises Invalid for a country, region or year that is not known."""
    if country not in dict(countries()) or (region and region not in dict(regions(country))):
        raise Invalid(_("Choose a country, and one of its regions or none."))
    rules = holidays.country_holidays(country)
    language = _language_among(rules.supported_languages, languages) or rules.default_language
    found = holidays.country_holidays(country, subdiv=region or None, years=year, language=language)
    return [PublicHoliday(day, name[:LABEL_CHARACTERS]) for day, name in sorted(found.items()) if day.year == year]


def _language_among(spoken: Sequence[str], wanted: Sequence[str]) -> str | None:
    for language in wanted:
        for code in spoken:
            if code.partition("_")[0] == language:
                return str(code)
    return None
