"""Takes what is personal out of a question, so that it can teach the next answer."""

import re
import unicodedata

MAX_EVENED = 300
_CLOSING = " .,;:!?…。、！？"


def evened(text: str) -> str:
    """One case, one width, single spaces, no closing punctuation: two questions that are equal so are the same one."""
    same_width = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", " ", same_width).strip(_CLOSING)[:MAX_EVENED].strip(_CLOSING)
