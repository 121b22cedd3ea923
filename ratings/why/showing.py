"""The whole page: what was found as rows of tables with a picture in each, in the language that is active."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import number_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from conversations.naming import Names, names_of
from ratings.analysis import SMALLEST_GROUP, ExpectationGap, MarkSummary
from ratings.selection import Selection
from ratings.why.analysing import Grouped, Why
from ratings.why.driver_rows import (
    ApartTable,
    apart_table,
    effects,
    factor_chart,
    importance_chart,
    sentences,
    unsaid_drivers,
)
from ratings.why.pictures import Axis, Bar, Point, axis_over, bars, course, dot
from ratings.why.rows import Chart, Row, Share, Unsaid, capitalised, decimals_of, shares_of, ticks_of
from ratings.why.words import interval_text, mean_of_summary, net_text, reason_text, trend_text
from tenants.context import OrganisationRef

GROUPING_TITLES: Mapping[str, LazyText] = {
    "topic": _("By topic"),
    "purpose": _("By purpose"),
    "language": _("By language"),
    "website": _("By website"),
    "page": _("By page it began on"),
    "hour": _("By hour of the day"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One period of the course, oldest first. Without a mean it has ratings too few."""

    first: date
    last: date
    mean: str
    interval: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Means over time: a picture, and the same as steps. Ticks are places from the top."""

    points: Sequence[Point]
    ticks: Sequence[tuple[str, float]]
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The whole page."""

    response: Share | None
    mean: str
    mean_interval: str
    bars: Sequence[Bar]
    outliers: str
    withheld: str
    explained: int
    trend: str
    course: Course
    expectation: Sequence[Share]
    expectation_net: str
    grouped: Sequence[Chart]
    sentences: Sequence[tuple[str, str, int]]
    effects: Chart
    importance: Chart
    apart: ApartTable
    unsaid: Sequence[Unsaid]
    factors: Chart
    factor_effects: Chart
    said: Sequence[Share]
    inferred: Sequence[Share]


def shown(organisation: OrganisationRef, selection: Selection, why: Why) -> Shown:
    """Three queries, for the names of topics and websites."""
    names = names_of(organisation)
    marks = why.marks
    is_known = isinstance(marks, MarkSummary)
    # One axis for all of them: what looks the same is the same.
    grouped = sorted(why.grouped, key=lambda one: [*GROUPING_TITLES].index(one.name))
    axis = axis_over([group.marks.mean.interval for one in why.grouped for group in one.groups], 1.0, 10.0)
    return Shown(
        response=next(iter(shares_of([("given", gettext("gave a mark"), why.ratings)], why.asked)), None),
        mean=mean_of_summary(marks) if isinstance(marks, MarkSummary) else "",
        mean_interval=interval_text(marks.mean.interval) if isinstance(marks, MarkSummary) else "",
        bars=bars(marks.distribution) if isinstance(marks, MarkSummary) else (),
        outliers=_outliers(marks) if isinstance(marks, MarkSummary) else "",
        withheld=reason_text(marks) if not isinstance(marks, MarkSummary) else "",
        explained=round(100 * (why.drivers.explained or 0)),
        trend=trend_text(why.trend, why.trend_days),
        course=_course(selection, why),
        expectation=_expectation(why),
        expectation_net=net_text(why.expectation.net) if isinstance(why.expectation, ExpectationGap) else "",
        grouped=[_grouped(one, names, axis, selection, why) for one in grouped if is_known and one.has_several],
        sentences=sentences(why),
        effects=effects(why, are_factors=False),
        importance=importance_chart(why),
        apart=apart_table(why),
        unsaid=unsaid_drivers(why),
        factors=factor_chart(why),
        factor_effects=effects(why, are_factors=True),
        said=shares_of(
            [
                ("better", gettext("solved"), why.contacts.said[0]),
                ("as_expected", gettext("partly"), why.contacts.said[1]),
                ("worse", gettext("not solved"), why.contacts.said[2]),
            ],
            sum(why.contacts.said),
        ),
        inferred=shares_of(
            [
                ("better", gettext("did not come back within 7 days"), why.contacts.inferred[0]),
                ("worse", gettext("came back about the same topic"), why.contacts.inferred[1]),
            ],
            sum(why.contacts.inferred),
        ),
    )


def _name(names: Names, grouping: str, key: str) -> str:
    """What the key of a group is called."""
    if grouping == "hour":
        return f"{key}:00–{int(key) + 1:02}:00"
    if grouping == "purpose":
        return capitalised(str(dict(Conversation.Purpose.choices).get(key, key)))
    called = {"topic": names.topic, "website": names.website, "language": names.language}.get(grouping)
    return called(key) if called else key


def _expectation(why: Why) -> list[Share]:
    gap = why.expectation
    if not isinstance(gap, ExpectationGap):
        return []
    parts = [
        ("worse", gettext("worse than expected"), gap.worse),
        ("as_expected", gettext("as expected"), gap.as_expected),
        ("better", gettext("better than expected"), gap.better),
    ]
    return shares_of([(name, label, round(one.value * one.n)) for name, label, one in parts], gap.net.n)


def _course(selection: Selection, why: Why) -> Course:
    known = [one.mean if isinstance(one, MarkSummary) else None for one in why.course]
    axis = axis_over([one.interval for one in known if one], 1.0, 10.0)
    steps = []
    for back, one in enumerate(reversed(why.course)):
        last = selection.last - timedelta(days=back * why.trend_days)
        first = last - timedelta(days=why.trend_days - 1)
        if isinstance(one, MarkSummary):
            steps.append(Step(first, last, mean_of_summary(one), interval_text(one.mean.interval), one.mean.n))
        else:
            steps.append(Step(first, last, "", "", one.n))
    return Course(
        points=course(axis, known),
        ticks=[(text, round(100 - place, 2)) for text, place in ticks_of(axis, decimals_of(axis))],
        steps=steps[::-1],
    )


def _outliers(marks: MarkSummary) -> str:
    """Marks far from the middle half; shown and counted like any other."""
    if not marks.outliers:
        return ""
    given = ", ".join(f"{number_format(count)} × {mark}" for mark, count in marks.outliers)
    return gettext("Far from most others, and part of the mean: %(given)s.") % {"given": given}


def _grouped(one: Grouped, names: Names, axis: Axis, selection: Selection, why: Why) -> Chart:
    whole = why.marks
    return Chart(
        title=str(GROUPING_TITLES[one.name]),
        rows=[
            Row(
                label=_name(names, one.name, group.key),
                dot=dot(axis, group.marks.mean.value, group.marks.mean.interval),
                value=mean_of_summary(group.marks),
                interval=interval_text(group.marks.mean.interval),
                n=group.marks.mean.n,
                link=selection.query(**{one.name: group.key}) if hasattr(selection, one.name) else "",
            )
            for group in one.groups
        ],
        ticks=ticks_of(axis, decimals_of(axis)),
        reference=axis.place(whole.mean.value) if isinstance(whole, MarkSummary) else None,
        left_out=_left_out(one),
    )


def _left_out(one: Grouped) -> list[str]:
    said = []
    if one.further:
        words = ngettext(
            "%(count)s further group with fewer ratings is not shown.",
            "%(count)s further groups with fewer ratings are not shown.",
            one.further,
        )
        said.append(words % {"count": one.further})
    if one.withheld:
        words = ngettext(
            "%(count)s group with fewer than %(least)s ratings is withheld (n = %(n)s).",
            "%(count)s groups with fewer than %(least)s ratings each are withheld (n = %(n)s together).",
            one.withheld,
        )
        said.append(words % {"count": one.withheld, "least": SMALLEST_GROUP, "n": number_format(one.withheld_ratings)})
    if one.not_recorded:
        said.append(gettext("Not recorded: n = %(n)s.") % {"n": number_format(one.not_recorded)})
    return said
