"""The form above the figures: which period, beside which other one, and what narrows it. Links carry all of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.functional import Promise as LazyText
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from conversations.naming import names_of
from ratings.periods import Kind, span_of
from ratings.selection import MOST_DAYS, Compare, Selection, months_earlier, selection_of, usual
from ratings.selectors import local_today
from tenants.context import OrganisationRef

COMPARISONS = {
    Compare.BEFORE: _("the period before"),
    Compare.YEAR: _("the year before"),
    Compare.NONE: _("nothing"),
}
WRONG = {
    "first": _("The first day was no date, after the last, in the future or too far back. It was put right; check it."),
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
    selection: Selection
    compare: Compare
    presets: list[Preset]
    fields: list[Field]
    comparisons: list[Choice]
    wrong: list[LazyText]
    """What of the link had to be put right, in words."""
    today: date
    most_days: int = MOST_DAYS

    @property
    def query(self) -> str:
        """The link to exactly this."""
        return query_of(self.selection, self.compare)

    @property
    def query_without_narrowing(self) -> str:
        return query_of(Selection(first=self.selection.first, last=self.selection.last), self.compare)

    @property
    def narrowed_to(self) -> list[str]:
        """What narrows it, as people read it."""
        return [
            capfirst(str(one.label)) for field in self.fields for one in field.choices if one.is_chosen and one.value
        ]

    def label(self, name: str, value: str) -> str:
        """A value of one of the lists as people read it; as it is stored where it is no longer offered."""
        choices = next(field.choices for field in self.fields if field.name == name)
        return next((str(one.label) for one in choices if one.value and one.value == value), value)


def query_of(selection: Selection, compare: Compare, **more: str) -> str:
    return selection.query(**({} if compare == Compare.BEFORE else {"compare": compare.value}), **more)


def chosen(organisation: OrganisationRef, query: Mapping[str, str]) -> tuple[Selection, Compare, list[str]]:
    """What a link asks for, and the names of the fields that were put right. One query."""
    selection, wrong = selection_of(query, local_today(organisation.time_zone))
    asked = query.get("compare", "")
    return selection, Compare(asked) if asked in list(Compare) else Compare.BEFORE, wrong


def filters_of(organisation: OrganisationRef, query: Mapping[str, str]) -> Filters:
    """What can be chosen, and what is. Four queries."""
    today = local_today(organisation.time_zone)
    selection, compare, wrong = chosen(organisation, query)
    names = names_of(organisation)
    return Filters(
        selection=selection,
        compare=compare,
        presets=[
            Preset(label, query_of(replace(selection, first=first, last=last), compare), (first, last) == period)
            for label, first, last in _presets(today)
            for period in [(selection.first, selection.last)]
        ],
        fields=[
            _field("website", _("Website"), selection.website, names.websites.items()),
            _field(
                "language",
                _("Language"),
                selection.language,
                [(one, names.language(one)) for one in organisation.languages],
            ),
            _field("topic", _("Topic"), selection.topic, names.topics.items()),
            _field("purpose", _("Purpose"), selection.purpose, Conversation.Purpose.choices),
        ],
        comparisons=[Choice(one.value, label, one == compare) for one, label in COMPARISONS.items()],
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
        (_("Yesterday"), yesterday, yesterday),
        (_("Last 7 days"), today - timedelta(days=7), yesterday),
        (_("Last 30 days"), thirty.first, thirty.last),
        (_("This month"), this_month, today),
        (_("Last month"), month_before.first, month_before.last),
        (_("Last quarter"), last_quarter, quarter - timedelta(days=1)),
        (_("Last 12 months"), months_earlier(today, 12), yesterday),
    ]
