"""Numbers, sentences and headings for people, in the language that is active."""

from datetime import date
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise as LazyText
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext, pgettext

from ratings.documents.document import Amount, Figure, ReportDocument, Sentence, Unit
from ratings.periods import Kind, title

NOTHING = "–"
MINUS = "−"


def wait_text(seconds: float | None) -> str:
    """8.0 s, 1 min 12 s, or – when nothing was answered."""
    if seconds is None:
        return NOTHING
    seconds = int(seconds * 10 + 0.5) / 10
    if seconds < 10:
        return gettext("%(seconds)s s") % {"seconds": number_format(seconds, 1)}
    minutes, rest = divmod(int(seconds + 0.5), 60)
    if not minutes:
        return gettext("%(seconds)s s") % {"seconds": rest}
    return ngettext("%(minutes)s min %(rest)s s", "%(minutes)s min %(rest)s s", minutes) % {
        "minutes": minutes,
        "rest": rest,
    }


def amount_text(amount: Amount | None) -> str:
    """The number alone, for where its n stands beside it."""
    if amount is None or amount.value is None:
        return NOTHING
    if amount.unit == Unit.PERCENT:
        return f"{amount.value}%"
    if amount.unit == Unit.SECONDS:
        return wait_text(amount.value)
    if amount.unit == Unit.MARK:
        return number_format(amount.value, 1)
    return number_format(amount.value)


def counted_text(amount: Amount) -> str:
    """The number with its n, for sentences."""
    text = amount_text(amount)
    return text if amount.n is None else f"{text} (n = {number_format(amount.n)})"


def difference_text(figure: Figure) -> str:
    """+4 points, −12 s, ±0; empty when there is nothing to compare."""
    if figure.difference is None or figure.difference.value is None:
        return ""
    value = figure.difference.value
    sign = "+" if value > 0 else MINUS if value < 0 else "±"
    size = Amount(abs(value), figure.difference.unit)
    if size.unit == Unit.PERCENT:
        points = int(abs(value))
        return ngettext("%(sign)s%(points)s point", "%(sign)s%(points)s points", points) % {
            "sign": sign,
            "points": points,
        }
    if size.unit == Unit.COUNT:
        size = Amount(int(abs(value)), Unit.COUNT)
    if size.unit == Unit.SECONDS and isinstance(value, int) and abs(value) < 60:
        # Of two waits in whole seconds: a tenth would pretend to more.
        return sign + gettext("%(seconds)s s") % {"seconds": abs(value)}
    return sign + amount_text(size)


def aim_text(figure: Figure) -> str:
    """What was promised, or is to be beaten."""
    if figure.promised_seconds is not None:
        return gettext("promised within %(seconds)s s") % {"seconds": figure.promised_seconds}
    if figure.goal is None:
        return ""
    goal = number_format(figure.goal)
    return gettext("to beat: %(goal)s") % {"goal": f"{goal}%" if figure.now.unit == Unit.PERCENT else goal}


def sentence_text(sentence: Sentence) -> str:
    def written(value: Amount | int | str | LazyText) -> str:
        if isinstance(value, Amount):
            return counted_text(value)
        return number_format(value) if isinstance(value, int) else str(value)

    return str(sentence.words) % {name: written(value) for name, value in sentence.amounts.items()}


def heading(document: ReportDocument) -> str:
    return title(document.span)


def version_line(document: ReportDocument) -> str:
    local = localtime(document.built_at, ZoneInfo(document.time_zone))
    line = gettext("Version %(version)s, counted %(at)s (%(zone)s)") % {
        "version": document.version,
        "at": date_format(local, gettext("j F Y, H:i")),
        "zone": document.time_zone,
    }
    return line if document.is_current else f"{line} · {gettext('replaced by a newer one')}"


def period_before(document: ReportDocument) -> str:
    """The heading of the column of the period before."""
    return {"day": gettext("Day before"), "week": gettext("Week before"), "month": gettext("Month before")}[
        document.span.kind.value
    ]


def chart_title(document: ReportDocument) -> str:
    return {
        "day": gettext("Replies per day, in time and too late"),
        "week": gettext("Replies per week, in time and too late"),
        "month": gettext("Replies per month, in time and too late"),
    }[document.span.kind.value]


def step_label(kind: Kind, day: date) -> str:
    """Under a column: its day, the first day of its week, or its month."""
    return date_format(day, "M" if kind == Kind.MONTH else pgettext("day and month, short", "j/n"))


def reading_notes(document: ReportDocument) -> list[str]:
    """How to read it, in short; the page in the admin says more."""
    return [
        gettext("A conversation belongs to the day of the visitor's first message, in %(zone)s.")
        % {"zone": document.time_zone},
        gettext("n: how many a share or a mean was counted over. “–”: there was nothing to count."),
        gettext("Differences of shares and means with fewer than %(small)s on either side are withheld.")
        % {"small": 10},
    ]
