"""Takes what is personal out of a question, so that it can teach the next answer.

Careful in one direction: a number too many is dropped rather than one kept. Names are found by how people introduce
themselves, greet and sign, by titles and relations, and by common first names; a rare name in the middle of a sentence,
without any of these, is not. What was learned is therefore shown to the organisation's managers, who can reject it.
"""

import re
import unicodedata

MAX_CHARACTERS = 2000
MAX_EVENED = 300
_ROUNDS = 4
_CLOSING = " .,;:!?…。、！？"
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff\x00-\x08\x0b-\x1f\x7f\ue000]")
_EMPTY_BRACKETS = re.compile(r"[(\[<「『\"“]\s*[)\]>」』\"”]")
# "My number is …, how …" loses its verb with its number.
_HANGING = re.compile(r"(?:\s+(?:is|was|are|luidt|nr|no)\b)?[\s:=#]*\ue000[\s\ue000]*(?=[.,;!?)]|$)", re.IGNORECASE)
_HANGING_JAPANESE = re.compile(r"は?[\s\ue000]*\ue000\s*(?:です|でした)?(?=[。、]|$)")
_SPACE_BEFORE = re.compile(r"\s+([.,;:!?、。)])")
_DOUBLED = re.compile(r"([,;:、])(?:\s*[,;:、])+|[,;:、]\s*(?=[.!?。])")
_GOES_ON = re.compile(r"^(?:and|en)\s+(?=\w)", re.IGNORECASE)
_OPENING = " .,;:!?、。-–—~*/|&"


def clean(text: str) -> str:
    """The question without names, numbers of orders, accounts and phones, addresses, links and dates of birth.

    One line, one width. At most the first 2,000 characters are looked at, and may become far fewer, or none.
    """
    # Compiling their patterns takes 0.1 s, which every process would otherwise spend at its start.
    from knowledgebase.cleaning.names import without_names
    from knowledgebase.cleaning.numbers import without_contacts, without_numbers
    from knowledgebase.cleaning.places import without_places

    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.replace("\r", "\n")))
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS].rpartition(" ")[0]
    for _round in range(_ROUNDS):  # what was taken out may bring together what then is a name, or a number
        cleaned = _tidied(without_names(without_numbers(without_places(without_contacts(text)))))
        if cleaned == text:
            break
        text = cleaned
    return text


def evened(text: str) -> str:
    """One case, one width, single spaces, no closing punctuation: two questions that are equal so are the same one."""
    same_width = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", " ", same_width).strip(_CLOSING)[:MAX_EVENED].strip(_CLOSING)


def _tidied(text: str) -> str:
    text = _EMPTY_BRACKETS.sub(" ", text)
    text = _HANGING_JAPANESE.sub("", _HANGING.sub("", text)).replace("\ue000", " ")
    text = re.sub(r"\s+", " ", text)
    text = _DOUBLED.sub(lambda found: found[1] or "", _SPACE_BEFORE.sub(r"\1", text))
    return _GOES_ON.sub("", text.lstrip(_OPENING)).rstrip(" ,;:、-–—~*/|&")
