"""How figures are written for people: a share never without its n, a wait in seconds or minutes, "–" for no number."""

from django import template
from django.utils.formats import number_format

from ratings.documents.document import Tone
from ratings.documents.looks import SIGNS
from ratings.documents.words import amount_text, difference_text, promise_text, sentence_text, wait_text
from tenants.shares import mean_of, mean_text, share_percent, share_text

register = template.Library()

register.simple_tag(share_text, name="share")
register.simple_tag(mean_text, name="mean")
register.filter("wait", wait_text)
register.filter("amount", amount_text)
register.filter("difference", difference_text)
register.filter("promise", promise_text)
register.filter("sentence", sentence_text)


@register.filter
def sign(tone: Tone) -> str:
    """▼ worse, ▲ better, ● neither."""
    return SIGNS[tone]


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
    return number_format(mean_of(mark_sum, given), 1) if given else "–"
