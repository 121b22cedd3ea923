"""What goes with the mark, as rows of tables, in the language that is active."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from ratings.analysis import (
    PURPOSE,
    Apart,
    DriverResult,
    Effect,
    Estimate,
    MarkSummary,
    NotEnoughData,
    NotRecorded,
    NotSeparable,
    Purpose,
)
from ratings.factors import Factor
from ratings.why.analysing import Why
from ratings.why.pictures import Axis, axis_around_nought, dot
from ratings.why.rows import Chart, Row, Unsaid, capitalised, decimals_of, ticks_of
from ratings.why.words import (
    PURPOSES,
    compared_text,
    interval_text,
    label_of,
    mean_of_summary,
    reason_text,
    sentence_of,
    share_interval,
    signed,
    signed_interval,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartRow:
    """One driver's effects within each purpose; None where nothing is said."""

    label: str
    cells: Sequence[tuple[str, str, bool] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartTable:
    purposes: Sequence[str]
    rows: Sequence[ApartRow]
    unsaid: Sequence[Unsaid]


def _results(why: Why, *, are_factors: bool = False) -> list[DriverResult]:
    """The strongest evidence first, the purpose last. Factors are outcomes like the mark, and shown apart."""
    found = [one for one in why.drivers.drivers.values() if isinstance(one, DriverResult)]
    wanted = [one for one in found if (one.driver in Factor.values) is are_factors]
    return sorted(wanted, key=lambda one: (one.driver == PURPOSE, one.p))


def sentences(why: Why) -> list[tuple[str, str, int]]:
    """Of each driver that may be named: the sentence, the interval and the n."""
    found = []
    for name in why.drivers.named:
        result = why.drivers.drivers[name]
        if isinstance(result, DriverResult) and name not in Factor.values:
            strongest = sorted(result.effects, key=lambda one: -abs(one.marks.value))
            for effect in strongest[:1]:
                interval = signed_interval(effect.marks.interval)
                found.append((sentence_of(name, effect), interval, effect.marks.n))
    return found


def effects(why: Why, *, are_factors: bool) -> Chart:
    pairs = [(result, effect) for result in _results(why, are_factors=are_factors) for effect in result.effects]
    axis = axis_around_nought([effect.marks.interval for _result, effect in pairs])
    return Chart(
        title=gettext("How answers go with the mark")
        if are_factors
        else gettext("What goes with higher or lower marks"),
        rows=[
            Row(
                label=capitalised(label_of(result.driver)),
                note=compared_text(result.driver, effect),
                dot=dot(axis, effect.marks.value, effect.marks.interval),
                value=signed(effect.marks.value),
                interval=signed_interval(effect.marks.interval),
                n=effect.marks.n,
                is_named=result.is_named and not _may_be_nought(effect),
            )
            for result, effect in pairs
        ],
        ticks=ticks_of(axis, decimals_of(axis), is_signed=True),
        reference=axis.place(0.0),
    )


def _may_be_nought(effect: Effect) -> bool:
    """A purpose that lies where all do, although purposes differ."""
    return effect.marks.interval.low <= 0 <= effect.marks.interval.high


def importance_chart(why: Why) -> Chart:
    axis = Axis(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
    ranked = sorted(
        ((one, one.importance) for one in _results(why) if one.importance),
        key=lambda pair: pair[1].rank if pair[1] else 0,
    )
    return Chart(
        title=gettext("Share of what can be explained"),
        rows=[
            Row(
                label=capitalised(label_of(one.driver)),
                dot=dot(axis, found.share, found.interval),
                value=f"{round(100 * found.share)}%",
                interval=share_interval(found.interval),
                n=why.drivers.n,
                width=round(axis.place(found.share) - axis.place(0.0), 2),
            )
            for one, found in ranked
            if found
        ],
        ticks=[(f"{round(100 * tick)}%", place) for tick, place in axis.marked],
        reference=axis.place(0.0),
    )


def apart_table(why: Why) -> ApartTable:
    """Drivers within each purpose that is large enough alone."""
    results = [one for one in _results(why) if one.apart]
    alone = [purpose for purpose in Purpose if any(isinstance(one.apart.get(purpose), Apart) for one in results)]
    lacking: dict[Purpose, NotEnoughData] = {}
    for result in results:
        for purpose, outcome in result.apart.items():
            if isinstance(outcome, NotEnoughData) and purpose not in alone:
                lacking.setdefault(purpose, outcome)
    return ApartTable(
        purposes=[capitalised(str(PURPOSES[one])) for one in alone],
        rows=[
            ApartRow(
                label=capitalised(label_of(one.driver)),
                cells=[_cell(one.apart.get(purpose)) for purpose in alone],
            )
            for one in results
        ]
        if alone
        else [],
        unsaid=[
            Unsaid(label=capitalised(str(PURPOSES[purpose])), reason=reason_text(outcome))
            for purpose, outcome in lacking.items()
        ],
    )


def _cell(outcome: Apart | NotEnoughData | None) -> tuple[str, str, bool] | None:
    if not isinstance(outcome, Apart):
        return None
    marks: Estimate = outcome.effect.marks
    return signed(marks.value), f"{signed_interval(marks.interval)}; n = {number_format(marks.n)}", outcome.is_named


def factor_chart(why: Why) -> Chart:
    axis = Axis(1.0, 5.0, (1.0, 2.0, 3.0, 4.0, 5.0))
    rows, left_out, unsaid = [], [], 0
    for one in why.factors:
        label = capitalised(label_of(one.factor))
        if not isinstance(one.answers, MarkSummary):
            left_out.append(f"{label}: {reason_text(one.answers)}")
            continue
        mean, outcome = one.answers.mean, why.drivers.drivers.get(one.factor)
        unsaid += isinstance(outcome, NotEnoughData)
        rows.append(
            Row(
                label=label,
                dot=dot(axis, mean.value, mean.interval),
                value=mean_of_summary(one.answers),
                interval=interval_text(mean.interval),
                n=mean.n,
                note=reason_text(outcome) if isinstance(outcome, NotSeparable) else "",
            )
        )
    if unsaid:
        words = ngettext(
            "How %(count)s of these goes with the mark cannot be said yet: too few answers differ from the usual.",
            "How %(count)s of these go with the mark cannot be said yet: too few answers differ from the usual.",
            unsaid,
        )
        left_out.append(words % {"count": number_format(unsaid)})
    return Chart(
        title=gettext("What visitors answered"), rows=rows, ticks=ticks_of(axis, 0), reference=None, left_out=left_out
    )


def unsaid_drivers(why: Why) -> list[Unsaid]:
    """Drivers of which nothing is said. Factors say it where their means stand."""
    return [
        Unsaid(label=capitalised(label_of(name)), reason=reason_text(outcome))
        for name, outcome in why.drivers.drivers.items()
        if name not in Factor.values and isinstance(outcome, NotEnoughData | NotRecorded | NotSeparable)
    ]
