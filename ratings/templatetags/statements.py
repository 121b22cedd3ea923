"""How a statement's numbers are written and drawn on its page."""

from django import template

from ratings.documents.statement import duration_text
from ratings.handled import Line

register = template.Library()

register.filter("duration", duration_text)


@register.inclusion_tag("ratings/parted_bar.html")
def parted_bar(line: Line, longest: int) -> dict[str, float]:
    """The time in hours, filled, and out of hours, hollow, against the longest line."""
    return {
        "inside": round(100 * line.in_seconds / longest, 2),
        "outside": round(100 * line.out_seconds / longest, 2),
    }
