"""How figures are written for people: a share never without its n, a wait in seconds or minutes, "–" for no number."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from tenants.shares import mean_text, share_percent, share_text

register = template.Library()

register.simple_tag(share_text, name="share")
register.simple_tag(mean_text, name="mean")


@register.simple_tag
def percent(kept: int, total: int) -> str:
    """The number alone, for where its n stands right beside it."""
    return f"{share_percent(kept, total)}%" if total else "–"


@register.simple_tag
def percent_width(kept: int, total: int) -> int:
    """The same as a length out of 100, for drawing."""
    return share_percent(kept, total) if total else 0


@register.simple_tag
def mean_mark(mark_sum: int, given: int) -> str:
    """The number alone, for where its n stands right beside it."""
    return number_format(mark_sum / given, 1) if given else "–"


@register.filter
def wait(seconds: float | None) -> str:
    """8 s, 1 min 12 s, or – when nothing was answered."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return gettext("%(seconds)s s") % {"seconds": number_format(seconds, 1)}
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return gettext("%(seconds)s s") % {"seconds": rest}
    return ngettext("%(minutes)s min %(rest)s s", "%(minutes)s min %(rest)s s", minutes) % {
        "minutes": minutes,
        "rest": rest,
    }
