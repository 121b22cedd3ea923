"""The form above figures: which period, and what narrows it. A link carries all of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings
from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from knowledgebase.selectors import topic_choices
from ratings.periods import Kind, span_of
from ratings.selection import Selection, months_earlier, selection_of, usual
from ratings.selectors import local_today
from tenants.context import OrganisationRef
from tenants.models import Website

WRONG = {
    "first": _("The first day was no date, after the last or too far back. It was put right; check it."),
    "last": _("The last day was no date. It was put right; check it."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str | LazyText
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Preset:
    label: LazyText
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One list of the form; the first choice narrows nothing."""

    name: str
    label: LazyText
    choices: list[Choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """``wrong`` is what of the link had to be put right, in words."""

    selection: Selection
    presets: list[Preset]
    fields: list[Field]
    wrong: list[LazyText]
    today: date

    @property
    def query_without_narrowing(self) -> str:
        return Selection(first=self.selection.first, last=self.selection.last).query()


def filters_of(organisation: OrganisationRef, query: Mapping[str, str]) -> Filters:
    """What can be chosen, and what is. Four queries."""
    today = local_today(organisation.time_zone)
    selection, wrong = selection_of(query, today)
    websites = Website.objects.filter(organisation_id=organisation.id).order_by("name").values_list("key", "name")
    names = dict(settings.LANGUAGES)
    topics = topic_choices(organisation, get_language() or "en")
    return Filters(
        selection=selection,
        presets=[
            Preset(label, replace(selection, first=first, last=last).query(), (first, last) == period)
            for label, first, last in _presets(today)
            for period in [(selection.first, selection.last)]
        ],
        fields=[
            _field("website", _("Website"), selection.website, websites),
            _field(
                "language",
                _("Language"),
                selection.language,
                [(one, names.get(one, one)) for one in organisation.languages],
            ),
            _field("topic", _("Topic"), selection.topic, [(one.slug, one.label) for one in topics]),
            _field("purpose", _("Purpose"), selection.purpose, Conversation.Purpose.choices),
        ],
        wrong=[WRONG[name] for name in dict.fromkeys(wrong)],
        today=today,
    )


def _field(name: str, label: LazyText, value: str, choices: Iterable[tuple[str, str | LazyText]]) -> Field:
    """A value that is no longer offered stays chosen: the link meant it."""
    offered = dict(choices)
    if value and value not in offered:
        offered[value] = value
    everything = Choice("", _("all"), not value)
    return Field(name, label, [everything, *(Choice(one, text, one == value) for one, text in offered.items())])


def _presets(today: date) -> list[tuple[LazyText, date, date]]:
    yesterday, this_month = today - timedelta(days=1), today.replace(day=1)
    quarter = months_earlier(this_month, (today.month - 1) % 3)
    last_quarter = months_earlier(quarter, 3)
    month_before = span_of(Kind.MONTH, this_month - timedelta(days=1))
    thirty = usual(today)
    return [
        (_("Last 7 days"), today - timedelta(days=7), yesterday),
        (_("Last 30 days"), thirty.first, thirty.last),
        (_("This month"), this_month, today),
        (_("Last month"), month_before.first, month_before.last),
        (_("Last quarter"), last_quarter, quarter - timedelta(days=1)),
        (_("Last 12 months"), months_earlier(today, 12), yesterday),
    ]
