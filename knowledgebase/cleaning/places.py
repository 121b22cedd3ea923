"""Postcodes and addresses in English, Dutch and Japanese."""

import re

from knowledgebase.cleaning.gaps import GAP

_CAPITAL = r"[A-ZÀ-Þ][\w'’-]*"
_DUTCH_STREET = re.compile(
    r"\b(?!onderweg\b)(?:(?-i:[A-ZÀ-Þ])[\w'’.-]*\s+(?:(?:van|de|den|der|het|'t)\s+)*[\w'’-]*|[\w'’-]{3,})"
    r"(?:straat|laan|plein|gracht|kade|dijk|singel|steeg|dreef|plantsoen|hof|weg|pad|markt)"
    r"\s+(?:nr\.?\s*)?\d{1,5}(?:\s?-?\s?(?:\d{1,4}|[a-z]{1,2}|[IVX]{1,4}|hs|bis)\b)?",
    re.IGNORECASE,
)
_ENGLISH_STREET = re.compile(
    rf"\b(?:(?:Flat|Unit|Apartment|Apt|Suite)\.?\s*\w{{1,4}},?\s*)?\d{{1,5}}[A-Za-z]?,?\s+(?:{_CAPITAL}\s+){{1,3}}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Ct|Way|Place|Square|Gardens|Terrace|Crescent|Hill"
    r"|Boulevard|Blvd|Mews|Row|Grove|Park)\b\.?"
    r"|\b\d{1,5}[a-z]?\s+(?:[a-z'’]+\s+){1,2}(?:street|avenue|crescent|boulevard)\b"
)
_JAPANESE_ADDRESS = re.compile(
    r"(?<!\d)〒?\s?(?<!\d)\d{3}-\d{4}(?!\d)"
    r"|(?:東京都|北海道|京都府|大阪府|[一-龠]{2,3}県)[一-龠ぁ-んァ-ヶー々ヶ]{0,20}?[市区町村郡][一-龠ァ-ヶー々]{0,12}"
    r"(?:\s?\d{1,4}(?:丁目|番地?|号|[-−ー])?){0,4}(?:号室)?"
    r"|[一-龠]{1,6}[市区町村][一-龠ァ-ヶー々]{0,12}\s?\d{1,4}(?:丁目|番地?|号|[-−ー]\d{1,4})(?:\s?\d{1,4}(?:番地?|号|[-−ー])?){0,3}"
)
_POSTCODE = re.compile(
    r"\b[1-9]\d{3}(?:\s?[A-Z]{2}|[a-z]{2})\b(?<![a-z]{2}mm)"
    r"|\b(?:GIR\s?0AA|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})\b"
    r"|\b[a-z]{1,2}\d[a-z\d]?\s\d[a-z]{2}\b"
)
_NO_POSTCODE = re.compile(r"\d{4}\s?(?:mm|cm|km|gr|kg|ml|MM|CM|KM|GR|KG|ML|GB|MB|TB|KB|px|PX|EU|UK|US|kw|wh|hz|AM|PM)")
_POSTCODE_SAID = re.compile(
    r"(\b(?:postcode|post\s?code|zip(?:\s?code)?|郵便番号)\s?(?:is|:|は)?\s*)[1-9]\d{3}\s?[a-z]{0,2}\b", re.IGNORECASE
)
_LIVES = re.compile(
    rf"(\b(?:[Ii]\s+live|we\s+live|living|based|[Ii]k\s+woon|[Ww]ij\s+wonen|wonend)\s+(?:in|at|te|op|near|bij))\s+"
    rf"{_CAPITAL}(?:\s+(?:aan\s+(?:de|den)\s+)?{_CAPITAL}){{0,3}}"
)
_LIVES_JAPANESE = re.compile(r"[一-龠ァ-ヶー]{2,12}(?:[都道府県市区町村])?(?=に住んで|在住)")


def without_places(text: str) -> str:
    """No street with its number, no postcode, and not where somebody lives."""
    for pattern in (_DUTCH_STREET, _ENGLISH_STREET, _JAPANESE_ADDRESS):
        text = pattern.sub(GAP, text)
    text = _POSTCODE_SAID.sub(rf"\1{GAP}", text)
    text = _POSTCODE.sub(lambda found: found[0] if _NO_POSTCODE.fullmatch(found[0]) else GAP, text)
    return _LIVES_JAPANESE.sub("", _LIVES.sub(r"\1", text))
