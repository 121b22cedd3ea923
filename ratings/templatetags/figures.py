"""How figures are written for people: a share never without its n, a wait in seconds or minutes, "–" for no number."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ratings.documents.comparing import Word
from ratings.documents.document import Tone
from ratings.documents.looks import SIGNS
from ratings.documents.words import aim_text, amount_text, difference_text, sentence_text, wait_text
from tenants.shares import mean_of, mean_text, share_percent, share_text

register = template.Library()

WORDS = {
    Word.BETTER: _("better"),
    Word.WORSE: _("worse"),
    Word.MORE: _("more"),
    Word.FEWER: _("fewer"),
    Word.CHANCE: _("no difference beyond chance"),
    Word.WITHHELD: _("too few to compare"),
    Word.NONE: "",
}
WORD_SIGNS = {Word.BETTER: "▲", Word.WORSE: "▼", Word.CHANCE: "≈"}
EXPECTATIONS = {1: _("worse"), 2: pgettext_lazy("expectation", "as expected"), 3: _("better")}

register.simple_tag(share_text, name="share")
register.simple_tag(mean_text, name="mean")
register.filter("wait", wait_text)
register.filter("amount", amount_text)
register.filter("difference", difference_text)
register.filter("aim", aim_text)
register.filter("sentence", sentence_text)


@register.filter
def word(word: Word) -> str:
    """How a figure stands against another period."""
    return str(WORDS[word])


@register.filter
def word_sign(word: Word) -> str:
    """▲ better, ▼ worse, ≈ no difference beyond chance; nothing where there is no judgement."""
    return WORD_SIGNS.get(word, "")


@register.filter
def expectation(value: int | None) -> str:
    """What a visitor answered when asked whether it was as expected."""
    return str(EXPECTATIONS[value]) if value in EXPECTATIONS else "–"


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
