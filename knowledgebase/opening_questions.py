"""Recognises "are you open?" in the languages we ship. Deliberately strict: a doubtful question goes to a person.

A short text counts when it asks about opening hours and about nothing else: one of the patterns of its language occurs
in it, and every other word is one of that language's small words, days and times. "When do you open my parcel?" has a
parcel too many.
"""

import re
from dataclasses import dataclass

MAX_CHARACTERS = 120

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d{1,4}(am|pm|h|u|uur)?")


@dataclass(frozen=True, slots=True)
class _Language:
    asks: re.Pattern[str]
    words: frozenset[str]


_ENGLISH_WORDS = """
a afternoon again all also am an and any are at available bank be boxing business by can chat christmas close
closed closing could currently day days desk do does during easter eve evening evenings every for friday
fridays from give good guys have hello hey hi holiday holidays hour hours how i if in is just know late later
like long me midnight monday mondays morning mornings new next night nights noon normal normally now of office
on online open opening or please pls pm public r regular right s saturday saturdays shop still store sunday
sundays tell thank thanks the this thursday thursdays til till time times to today tomorrow tonight tuesday
tuesdays u until up ur usually wednesday wednesdays week weekday weekdays weekend weekends what when whether
which will wondering working would year years you your
"""
_ENGLISH = _Language(
    re.compile(
        r"""\b(?:
            (?:opening|business|office|working)\s(?:hours?|times?)
          | (?:are|r|will|do)\s(?:you|u)\s(?:.*\s)?(?:open|close|closed|available)
          | (?:when|time|late|long|if|whether)\s(?:.*\s)?(?:you|u|shop|store|chat|desk|bank)\s(?:.*\s)?
            (?:open|close|closed|available)
          | is\s(?:the|your)\s(?:shop|store|chat|desk|bank)\s(?:.*\s)?(?:open|closed)
        )\b""",
        re.VERBOSE,
    ),
    frozenset(_ENGLISH_WORDS.split()),
)
_DUTCH_WORDS = """
aan alsjeblieft alstublieft altijd aub avond avonds bank bedankt ben bent bereikbaar beschikbaar chat dag
dagen dank de deze dicht dinsdag dinsdags donderdag donderdags eerste en er even feestdag feestdagen ga gaan
gaat geopend gesloten goedemiddag goedemorgen goedenavond goedendag graag hallo heb hebben hebt hemelvaartsdag
het hey hi hoe hoelang hoi ik in is je jullie kan kerst kerstdag koningsdag kun kunnen kunt laat lang maandag
maandags me met middag mij moment morgen nieuwjaar nieuwjaarsdag nog nou nu ochtend of om ook op open openen
openingstijd openingstijden openingsuren opent oudjaarsdag overdag paasdag pasen pinksteren s sluit sluiten
sluitingstijd tot tussen tweede u uur uw van vanaf vanavond vandaag vertellen volgende voor vrijdag vrijdags
wanneer wat week weekend weekenden weer welke werkdagen weten wil winkel woensdag woensdags zaterdag zaterdags
zeggen zijn zo zondag zondags
"""
_DUTCH = _Language(
    re.compile(
        r"""\b(?:
            openingstijd | openingstijden | openingsuren | sluitingstijd
          | (?:zijn|bent|ben|gaan|gaat)\s(?:jullie|u|je)\s(?:.*\s)?
            (?:open|geopend|bereikbaar|beschikbaar|gesloten|dicht)
          | (?:laat|lang|wanneer|of)\s(?:.*\s)?(?:jullie|u|je|winkel|chat|bank)\s(?:.*\s)?
            (?:open|geopend|bereikbaar|gesloten|dicht|sluiten|sluit|opent)
          | (?:laat|wanneer)\s(?:sluiten|sluit|openen|opent|opent)\s(?:jullie|u|je|de\s(?:winkel|chat|bank))
          | is\s(?:de|jullie|uw)\s(?:winkel|chat|bank)\s(?:.*\s)?(?:open|geopend|bereikbaar|gesloten|dicht)
        )\b""",
        re.VERBOSE,
    ),
    frozenset(_DUTCH_WORDS.split()),
)
# Without spaces between words: a subject of at most a few particles, and the question's own ending.
_JAPANESE = re.compile(
    r"""
      ^.{0,12}(?:営業時間|受付時間|営業日|定休日)(?!内|中|外).{0,16}$
    | (?:何時|いつ)(?:まで|から|に)(?:お店は)?(?:開い|開き|開店|閉ま|閉店|営業|やって).{0,10}$
    | (?:今|まだ|今日|本日|明日|土日|週末|祝日|年末年始|お正月|[月火水木金土日]曜日?)
      (?:は|も|まだ|、|お店|そちら|でも|この時間)*
      (?:開いて|営業して|やって)い?(?:ます|る)(?:か|でしょうか)?[\s。]*(?:(?<=か)|[?？])[\s?？。]*$
    """,
    re.VERBOSE,
)


def asks_for_opening_hours(text: str) -> bool:
    """True when the whole point of ``text`` is whether, or when, the organisation is open."""
    if len(text) > MAX_CHARACTERS:
        return False
    words = _WORD.findall(text.lower())
    sentence = " ".join(words)
    return bool(_JAPANESE.search(text.strip())) or any(
        language.asks.search(sentence) and all(word in language.words or _NUMBER.fullmatch(word) for word in words)
        for language in (_ENGLISH, _DUTCH)
    )
