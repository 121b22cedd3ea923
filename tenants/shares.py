"""How shares and means are written for people: never without their n, and no number when there is nothing to count."""

from django.utils.formats import number_format
from django.utils.translation import gettext


def share_text(kept: int, total: int) -> str:
    """A share, always with what it is a share of; no number when there is nothing to share."""
    if not total:
        return "–"
    return gettext("%(percent)s%% (n = %(total)s)") % {
        "percent": share_percent(kept, total),
        "total": number_format(total),
    }


def share_percent(kept: int, total: int) -> int:
    """Rounded, halves up, but 100 only when all were kept and 0 only when none was."""
    percent = (200 * kept + total) // (2 * total)
    if kept < total:
        percent = min(percent, 99)
    return max(percent, 1) if kept else percent


def mean_text(mark_sum: int, given: int) -> str:
    """A mean mark with how many gave one."""
    if not given:
        return "–"
    return gettext("%(mean)s (n = %(given)s)") % {
        "mean": number_format(mean_of(mark_sum, given), 1),
        "given": number_format(given),
    }


def mean_of(mark_sum: int, given: int) -> float:
    """Rounded to one decimal, halves up: the same number wherever it is written."""
    return (20 * mark_sum + given) // (2 * given) / 10
