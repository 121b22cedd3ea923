"""Ways to reach somebody, and numbers that belong to somebody.

A number stays when it is short, like a size or a number of days, or is measured in something.
"""

import re

from knowledgebase.cleaning.gaps import GAP

_LINK = re.compile(
    r"\b(?:https?|ftp)\s?://\S+|\bwww\.\S+"
    r"|(?<![\w@.])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|info|io|app|dev|eu|nl|be|de|fr|uk|jp|example)\b(?:/\S*)?",
    re.IGNORECASE,
)
_AT, _DOT = r"\s?[\[({]?\b(?:at|apenstaartje)\b[\])}]?\s?", r"\s?[\[({]?\b(?:dot|punt)\b[\])}]?\s?"
_MAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\s?@\s?[\w.-]{1,255}"
    rf"|\b[\w.-]{{2,64}}{_AT}[\w-]{{2,64}}(?:(?:\.|{_DOT})[\w-]{{2,20}}){{0,2}}(?:\.|{_DOT})[^\W\d_]{{2,20}}",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<!\w)@\w+")

_STATES = (
    r"(?:not|no|a|an|the|my|too|already|always|never|being|wrong|blocked|expired|incorrect|invalid|forgotten|lost|stolen"
    r"|refused|rejected|required|needed|weak|different|niet|een|de|te|geblokkeerd|verlopen|onjuist|ongeldig|vergeten|kwijt"
    r"|gestolen|geweigerd|nodig|anders)"
)
_SECRET = re.compile(
    r"\b(?P<what>user ?name|login|log-?in|password|passcode|pass ?phrase|gebruikersnaam|inlognaam|wachtwoord"
    r"|pin ?code|pin|cvc|cvv|security code|tan ?code|verification code)(?:\s+(?:is|was|luidt)|\s*[:=])+\s*"
    rf"(?!{_STATES}\b)\S+(?<![.,;!?])",
    re.IGNORECASE,
)
_SECRET_JAPANESE = re.compile(r"(?P<what>パスワード|暗証番号|ユーザー名|ログインID)[はが:：]\s*[!-~]+")

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[ .-]?(?:[A-Z]{4}[ .-]?)?(?:[A-Z0-9]{0,3}\d[ .-]?){3,28}(?![^\W_])", re.IGNORECASE)
_MONTH = (
    r"(?:jan(?:uary|uari)?|feb(?:ruary|ruari)?|mar(?:ch)?|maart|mrt|apr(?:il)?|may|mei|june?|juni|july?|juli"
    r"|aug(?:ust|ustus)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = re.compile(
    r"\b\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?(?:\d{4}|\d{2})\b|\b\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|e)?(?:\s+of)?\s+{_MONTH},?\s+'?\d{{2,4}}\b"
    rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+'?\d{{4}}\b"
    r"|(?:明治|大正|昭和|平成|令和)\s?(?:\d{1,2}|元)年(?:\s?\d{1,2}月)?(?:\s?\d{1,2}日)?"
    r"|\d{4}年\s?\d{1,2}月(?:\s?\d{1,2}日)?(?:生まれ)?",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"(?P<what>\b(?:born(?:\s+on)?|date\s+of\s+birth|birth\s?day|d\.?o\.?b\.?|geboren(?:\s+op)?|geboortedatum"
    r"|verjaardag)(?:\s+(?:is|on|op))?\s*:?\s*|(?:生年月日|誕生日)は?\s*)"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?|[\d/.月日年-]+)",
    re.IGNORECASE,
)

_WHOSE = re.compile(
    r"(?P<what>(?:\b(?:order|purchase|reference|ref|customer|client|account|member(?:ship)?|booking|case|ticket|invoice"
    r"|tracking|parcel|shipment|policy|contract|card|sort\s?code|passport|licen[cs]e|bsn|ssn|bestelling|bestel|klant"
    r"|factuur|rekening|pakket|zending|lid|lidmaatschaps|kenmerk|dossier|polis|pas|paspoort|track\s?(?:&|and)\s?trace)"
    r"(?:\s?-?(?:number|num|nummer|no|nr|code|id)\b)?"
    r"|(?:注文|会員|顧客|口座|受付|問い合わせ|追跡|伝票|予約|カード|電話|携帯|暗証)番号)"
    r"(?:\s?(?:number|num|nummer|no|nr|code|id|is|was|:|#|=|は|が|\.))*\s?)"
    r"(?P<value>#?[A-Z]{0,5}[-_/ ]?\d[\dA-Z]*(?:[-_/][\dA-Z]+)*)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:number|num|nummer|\bno|\bnr|code|\bid|#|:|番号)", re.IGNORECASE)
_HASHED = re.compile(r"#\s?\w*\d\w*")
# Phones, cards, accounts, in groups or not.
_LONG = re.compile(r"[+(]{0,2}(?<!\d)\d(?:[ ().\-–ー−‐/]{0,3}\d){5,}")
_UNIT = (
    r"(?:mm|cm|km|m|g|gr|kg|mg|ml|cl|l|lt|litres?|liters?|w|kw|wh|mah|v|hz|ghz|gb|mb|tb|px|euros?|eur|pounds?|gbp"
    r"|dollars?|usd|yen|percent|procent|%|€|£|\$|円|歳|人|日|個|枚|本)"
)
_CODE = re.compile(r"(?<![^\W_])(?=[\w/-]*[a-z])(?=(?:[\w/-]*?\d){3})[a-z0-9]+(?:[-_/][a-z0-9]+)*", re.IGNORECASE)
_MEASURED = re.compile(rf"\d{{1,5}}\s?-?{_UNIT}\b|\d{{1,5}}\s?[%€£$円]", re.IGNORECASE)
_FOUR = re.compile(rf"(?<![\d.,€£$¥])(?<![€£$¥] )(?<!\d )\d{{4,5}}(?!\d)(?!\s?-?{_UNIT}(?![a-z]))", re.IGNORECASE)
_SIX = re.compile(r"\d{6,}")

_SAID = (
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
    r"|nul|een|één|twee|drie|vier|vijf|zes|zeven|acht|negen)"
)
_SAID_NUMBER = re.compile(rf"\b{_SAID}(?:[\s,-]+{_SAID}){{4,30}}\b", re.IGNORECASE)


def without_contacts(text: str) -> str:
    """No e-mail address, link or handle, and no password."""
    for pattern in (_LINK, _MAIL, _HANDLE):
        text = pattern.sub(GAP, text)
    return _SECRET_JAPANESE.sub(rf"\g<what>{GAP}", _SECRET.sub(rf"\g<what>{GAP}", text))


def without_numbers(text: str) -> str:
    """No account, card, phone, order or customer number, and no date with a year."""
    text = _IBAN.sub(GAP, text)
    text = _CODE.sub(lambda found: found[0] if _MEASURED.fullmatch(found[0]) else GAP, text)
    for pattern in (_LONG, _DATE):
        text = pattern.sub(GAP, text)
    text = _WHOSE.sub(_what_it_is_of, _BIRTH.sub(rf"\g<what>{GAP}", text))
    for pattern in (_HASHED, _SAID_NUMBER):
        text = pattern.sub(GAP, text)
    for pattern in (_FOUR, _SIX):
        text = pattern.sub(GAP, text)
    return text


def _what_it_is_of(found: re.Match[str]) -> str:
    """ "order 2 tents" is no order number; "order no. 2" is."""
    digits = sum(sign.isdigit() for sign in found["value"])
    return f"{found['what']}{GAP}" if digits > 2 or _NUMBERED.search(found["what"]) else found[0]
