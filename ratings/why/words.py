"""What the analysis found, in plain words. Things go together; nothing is ever said to cause another."""

from collections.abc import Callable, Mapping

from django.utils.formats import number_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from ratings.analysis import (
    PURPOSE,
    DriverResult,
    Effect,
    Estimate,
    Interval,
    MarkSummary,
    NotEnoughData,
    NotRecorded,
    NotSeparable,
    Outcome,
    Purpose,
    Trend,
    Withheld,
)
from ratings.analysis.drivers import SURROUNDINGS
from ratings.documents.words import MINUS, wait_text
from ratings.factors import Factor, answer_text
from tenants.shares import mean_of

LABELS: Mapping[str, LazyText] = {
    "first_wait_seconds": _("wait for the first reply"),
    "worst_follow_up_seconds": _("longest wait after that"),
    "kept_share": _("promises kept"),
    "operators": _("number of operators"),
    "knowledge_used": _("answered with an article"),
    "completeness_share": _("points of the article mentioned"),
    "mood_start": _("mood at the start"),
    "lead": _("became a lead"),
    PURPOSE: _("purpose"),
    SURROUNDINGS: _("topic, language, hour or purpose"),
}
PURPOSES: Mapping[Purpose, str | LazyText] = {
    Purpose.PROBLEM: Conversation.Purpose.PROBLEM.label,
    Purpose.INFORMATION: Conversation.Purpose.INFORMATION.label,
    Purpose.ADVICE: Conversation.Purpose.ADVICE.label,
    Purpose.COMPLAINT: Conversation.Purpose.COMPLAINT.label,
}
COUNTED: Mapping[str, LazyText] = {
    "ratings": _("ratings with everything that is compared"),
    "marks that differ": _("ratings whose mark differs from the most frequent one"),
    "curves through the marks": _("curves through the marks, which follow something exactly"),
    "conversations that differ": _("conversations in which it differs from the usual"),
    "purposes": _("purposes with ratings enough"),
    "different quartiles": _("values that differ enough"),
    "different marks": _("marks that differ"),
    "periods": _("periods with 10 ratings or more"),
    "ratings that others can be compared in": _("ratings in which others can be compared"),
}
"""What there is not enough of, as the analysis names it."""

NARROW_SHARE = 0.015

_COMPARED: Mapping[str, LazyText] = {
    "first_wait_seconds": _("A first reply after %(better)s instead of %(worse)s goes with %(marks)s."),
    "worst_follow_up_seconds": _("A longest later wait of %(better)s instead of %(worse)s goes with %(marks)s."),
    "kept_share": _("Keeping %(better)s of the promises instead of %(worse)s goes with %(marks)s."),
    "operators": _("Operators who wrote in it: %(better)s instead of %(worse)s goes with %(marks)s."),
    "knowledge_used": _("An answer with an article instead of one without goes with %(marks)s."),
    "completeness_share": _("Mentioning %(better)s of the article's points instead of %(worse)s goes with %(marks)s."),
    "mood_start": _("A mood of %(better)s at the start instead of %(worse)s goes with %(marks)s."),
    "lead": _("A conversation that became a lead instead of one that did not goes with %(marks)s."),
}


def label_of(driver: str) -> str:
    """A driver's or a factor's name."""
    if driver in Factor.values:
        return str(Factor(driver).label)
    return str(LABELS[driver])


def value_text(driver: str, value: float) -> str:
    """A value of a driver, as it stands in a sentence."""
    if driver in Factor.values:
        return quoted(answer_text(driver, round(value)))
    return _VALUES.get(driver, _plain)(value)


def quoted(words: str) -> str:
    """In the language's quotation marks."""
    return gettext("“%(words)s”") % {"words": words}


def _plain(value: float) -> str:
    return rounded(value, 0)


def _share(value: float) -> str:
    return f"{round(100 * value)}%"


def _yes_no(value: float) -> str:
    return gettext("yes") if value else gettext("no")


_VALUES: Mapping[str, Callable[[float], str]] = {
    "first_wait_seconds": wait_text,
    "worst_follow_up_seconds": wait_text,
    "kept_share": _share,
    "completeness_share": _share,
    "knowledge_used": _yes_no,
    "lead": _yes_no,
    "mood_start": lambda value: quoted(str(Conversation.Mood(round(value)).label)),
}


def compared_text(driver: str, effect: Effect) -> str:
    """What is compared: "15 s instead of 1 min 0 s"; for a purpose, its name."""
    if driver == PURPOSE:
        return str(PURPOSES[Purpose(int(effect.better))])
    values = {"better": value_text(driver, effect.better), "worse": value_text(driver, effect.worse or 0.0)}
    return gettext("%(better)s instead of %(worse)s") % values


def sentence_of(driver: str, effect: Effect) -> str:
    """One driver's effect, without its interval: that stands beside it."""
    marks = marks_text(effect.marks.value)
    if driver == PURPOSE:
        words = gettext("The purpose “%(purpose)s” goes with %(marks)s than all purposes together.")
        return words % {"purpose": compared_text(driver, effect), "marks": marks}
    values = {"better": value_text(driver, effect.better), "worse": value_text(driver, effect.worse or 0.0)}
    if driver in Factor.values:
        words = gettext("About “%(factor)s”: the answer %(better)s instead of %(worse)s goes with %(marks)s.")
        return words % {**values, "factor": label_of(driver), "marks": marks}
    return str(_COMPARED[driver]) % {**values, "marks": marks}


def marks_text(value: float) -> str:
    """0.21 marks more, 1.30 marks less."""
    value = round(value, 2)
    size = number_format(abs(value), 2)
    many = 1 if abs(value) == 1 else 2
    if value < 0:
        return ngettext("%(size)s mark less", "%(size)s marks less", many) % {"size": size}
    return ngettext("%(size)s mark more", "%(size)s marks more", many) % {"size": size}


def rounded(value: float, decimals: int = 1) -> str:
    """Django's number format cuts instead."""
    return number_format(round(value, decimals), decimals)


def signed(value: float, decimals: int = 2) -> str:
    """+0.21, −1.30, 0.00."""
    size = round(value, decimals)
    sign = "+" if size > 0 else MINUS if size < 0 else ""
    return sign + number_format(abs(size), decimals)


def signed_interval(interval: Interval) -> str:
    return _from_to(signed(interval.low), signed(interval.high))


def interval_text(interval: Interval, decimals: int = 1) -> str:
    return _from_to(rounded(interval.low, decimals), rounded(interval.high, decimals))


def share_interval(interval: Interval) -> str:
    """In whole per cent, or in tenths where that would make a point of it."""
    decimals = 0 if interval.high - interval.low >= NARROW_SHARE else 1
    return _from_to(f"{rounded(100 * interval.low, decimals)}%", f"{rounded(100 * interval.high, decimals)}%")


def _from_to(low: str, high: str) -> str:
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}


def mean_of_summary(summary: MarkSummary) -> str:
    """Rounded as everywhere else."""
    counts = summary.distribution.counts
    return number_format(mean_of(sum(mark * count for mark, count in enumerate(counts, 1)), summary.mean.n), 1)


def reason_text(outcome: Outcome | Withheld) -> str:
    """Why nothing is said of it. Empty for what something is said of."""
    if isinstance(outcome, NotRecorded):
        return gettext("Not recorded for these conversations.")
    if isinstance(outcome, NotSeparable):
        words = gettext(
            "Cannot be told apart from “%(other)s”: the two change together, and marks cannot show which one they go"
            " with."
        )
        return words % {"other": label_of(outcome.partner)}
    if isinstance(outcome, NotEnoughData):
        return _not_enough(outcome)
    if isinstance(outcome, Withheld):
        values = {"n": number_format(outcome.n), "needed": outcome.needed}
        return gettext("Withheld: n = %(n)s, %(needed)s are needed.") % values
    return ""


def _not_enough(outcome: NotEnoughData) -> str:
    what, _in, driver = outcome.of.partition(" in ")
    counted = COUNTED.get(outcome.of) or COUNTED[what]
    values = {"counted": counted, "have": number_format(outcome.have), "needed": outcome.needed}
    if driver in LABELS or driver in Factor.values:
        words = gettext("Not enough data: %(counted)s (%(driver)s): %(have)s of the %(needed)s that are needed.")
        return words % {**values, "driver": label_of(driver)}
    return gettext("Not enough data: %(counted)s: %(have)s of the %(needed)s that are needed.") % values


def verdict_text(result: DriverResult) -> str:
    """Whether it may be named."""
    return gettext("beyond chance") if result.is_named else gettext("may be chance")


def trend_text(trend: Trend | NotEnoughData, days: int) -> str:
    """The trend in one sentence, per week whatever its periods are."""
    if isinstance(trend, NotEnoughData):
        return gettext("No trend can be told yet. %(reason)s") % {"reason": reason_text(trend)}
    weeks = days / 7
    slope, interval = trend.slope.value / weeks, trend.slope.interval
    values = {
        "marks": marks_text(slope),
        "interval": signed_interval(Interval(interval.low / weeks, interval.high / weeks)),
        "days": ngettext("%(days)s day", "%(days)s days", days) % {"days": days},
        "periods": trend.periods,
        "n": number_format(trend.slope.n),
    }
    if not trend.is_significant:
        words = gettext(
            "Neither a rise nor a fall beyond chance over %(periods)s periods of %(days)s. Each week goes with"
            " %(marks)s, but it may as well be anything from %(interval)s (95%%; n = %(n)s)."
        )
    elif slope < 0:
        words = gettext(
            "Marks fall: each week goes with %(marks)s (95%%: %(interval)s), over %(periods)s periods of %(days)s"
            " (n = %(n)s)."
        )
    else:
        words = gettext(
            "Marks rise: each week goes with %(marks)s (95%%: %(interval)s), over %(periods)s periods of %(days)s"
            " (n = %(n)s)."
        )
    return words % values


def net_text(net: Estimate) -> str:
    """The expectation gap in one sentence."""
    points = abs(round(100 * net.value))
    values = {
        "points": ngettext("%(points)s point", "%(points)s points", points) % {"points": points},
        "interval": _from_to(signed(100 * net.interval.low, 0), signed(100 * net.interval.high, 0)),
        "n": number_format(net.n),
    }
    if net.interval.low > 0:
        words = gettext(
            "More were surprised for the better than for the worse: by %(points)s (95%%: %(interval)s; n = %(n)s)."
        )
    elif net.interval.high < 0:
        words = gettext(
            "More were disappointed than surprised for the better: by %(points)s (95%%: %(interval)s; n = %(n)s)."
        )
    else:
        words = gettext(
            "As many were surprised for the better as for the worse, as far as can be told: they differ by %(points)s"
            " (95%%: %(interval)s; n = %(n)s)."
        )
    return words % values
