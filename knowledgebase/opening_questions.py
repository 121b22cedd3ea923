"""Recognises "are you open?" in the languages we ship. Deliberately strict: a doubtful question goes to a person.

A text counts when it is short and names opening hours outright, or asks about "you" and "open" or "available" together.
"""

import re

MAX_CHARACTERS = 120

_ENGLISH = re.compile(
    r"""\b(
        (opening|business|office)\s+(hours|times)
      | (are|r)\s+(you|u)\s+(\w+\s+){0,3}(open|available|closed)
      | (when|what\s+time|till\s+when|until\s+when|how\s+late)\s+(do|are|will)\s+you\s+(\w+\s+){0,2}
        (open|close|closed|available)
      | is\s+(the\s+)?(chat|shop|desk|bank)\s+(\w+\s+){0,2}(open|closed)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DUTCH = re.compile(
    r"""\b(
        openingstijd(en)? | openingsuren
      | (zijn|bent)\s+(jullie|u|je)\s+(\w+\s+){0,3}(open|geopend|bereikbaar|gesloten|dicht)
      | (ben|is)\s+(je|de\s+(winkel|chat|bank))\s+(\w+\s+){0,3}(open|geopend|dicht|gesloten)
      | (tot\s+)?(hoe\s+laat|wanneer)\s+(zijn|gaan|sluiten|is)\s+(jullie|u|de\s+\w+)\s*(\w+\s+){0,2}
        (open|geopend|bereikbaar|dicht)?
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_JAPANESE = re.compile(
    r"(営業時間|受付時間|何時まで(開|営業|やって)|何時から(開|営業|やって)|(今|まだ|今日|本日).{0,4}(開いて|営業して|やって)い?ます)"
)


def asks_for_opening_hours(text: str) -> bool:
    """True when the whole point of ``text`` is whether, or when, the organisation is open."""
    if len(text) > MAX_CHARACTERS:
        return False
    return any(pattern.search(text) for pattern in (_ENGLISH, _DUTCH, _JAPANESE))
