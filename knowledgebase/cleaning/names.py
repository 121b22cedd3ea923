"""Names, by how they are said: introductions, greetings, sign-offs, titles, relations, and common first names."""

import re

from knowledgebase.cleaning.first_names import (
    ALSO_MONTHS_AND_PLACES,
    ALSO_VERBS,
    ALSO_WORDS,
    DUTCH,
    ENGLISH,
    JAPANESE_FAMILY,
)

_CAPITAL = r"(?!I\b)[A-ZÀ-Þ][\w'’-]*\.?"
_PARTICLE = r"(?:(?:van|de|den|der|het|ten|ter|te|von|del|di|la|le|el|al|bin|'t|’t|da|dos|mac|o)\s+)"
_NAME = rf"{_CAPITAL}(?:\s+{_PARTICLE}{{0,3}}{_CAPITAL}){{0,3}}"
# Where only a name can follow it may be written small: up to three words, but none that goes on with the sentence.
_GOES_ON = (
    r"(?:and|but|or|i|i'm|i've|my|we|can|could|do|does|is|are|was|how|what|when|where|why|who|which|from|with|on|in|at|to|for"
    r"|about|because|please|here|calling|writing|the|a|an|not|it|this|that|there|having|trying|looking|have|has|would|want"
    r"|need|ordered|en|maar|of|ik|mijn|we|wij|kan|kunnen|kunt|is|zijn|hoe|wat|wanneer|waar|waarom|wie|welke|uit|met|op|in"
    r"|aan|voor|over|omdat|graag|hier|niet|het|een|die|dat|heb|heeft|wil|zou|ga|bestelde)"
)
_SMALL_WORD = rf"(?!{_GOES_ON}\b)[^\W\d_][\w'’-]*"
# "Wil" is a name, and goes on with a Dutch sentence: right after an introduction it is the name.
_SAID_NAME = rf"(?:wil\b|{_SMALL_WORD})(?:\s+{_PARTICLE}{{0,3}}{_SMALL_WORD}){{0,2}}"

_INTRODUCED = re.compile(
    rf"\b(?:and\s+|en\s+)?(?:my\s+(?:full\s+|first\s+|last\s+|sur)?name(?:\s+is|'s|:)|the\s+name(?:\s+is|'s)|name\s*:|call\s+me"
    rf"|mijn\s+(?:volledige\s+|voor|achter)?naam\s+(?:is|luidt)|naam\s*:|ik\s+heet|u\s+spreekt\s+met|je\s+spreekt\s+met"
    rf"|noem\s+me)\s+(?:is\s+)?{_SAID_NAME}",
    re.IGNORECASE,
)
_ENDS_THERE = r"(?=\s*(?:[.,;:!?\n-]|$|and\b|from\b|here\b|en\b|uit\b|van\b|hier\b))"
_PEOPLES = (
    r"(?:American|Australian|Austrian|Belgian|Brazilian|British|Canadian|Chinese|Danish|Dutch|English|European|Finnish"
    r"|French|German|Greek|Indian|Irish|Italian|Japanese|Korean|Moroccan|Norwegian|Polish|Portuguese|Romanian|Russian"
    r"|Scottish|Spanish|Swedish|Swiss|Turkish|Ukrainian|Welsh|Nederlander|Nederlandse|Belg|Duitser|Engelsman)"
)
_I_AM = re.compile(
    rf"\b(?:[Ii]\s+am|[Ii]['’]m|[Tt]his\s+is|[Ii]t['’]s|[Ii]k\s+ben|[Dd]it\s+is)\s+(?!{_PEOPLES}\b){_NAME}{_ENDS_THERE}(?:\s+(?:here|hier))?"
)
_HERE = re.compile(rf"^\s*{_NAME}\s+(?:here|hier)\b", re.MULTILINE)
_WITH_AT_START = re.compile(
    rf"^\s*(?:(?:hallo|hoi|dag|goede\w+),?\s+)?(?:[Mm]et|[Nn]amens)\s+{_NAME}(?=[\s.,;:!]|$)", re.MULTILINE
)

_TITLED = re.compile(
    rf"\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Mm]x|[Dd]r|[Pp]rof|[Ss]ir|[Mm]adam|[Dd]hr|[Mm]evr|[Mm]evrouw|[Mm]eneer|[Dd]e\s+heer|[Mm]w|[Ff]am|[Ff]amilie)"
    rf"\b\.?\s+{_PARTICLE}{{0,3}}{_NAME}"
    r"|\b(?:mr|mrs|ms|dhr|mevr|mevrouw|meneer|mw)\b\.?\s+(?:(?:van|de|den|der)\s+){0,2}[a-z]{3,}(?=[\s.,!?]|$)"
)
_RELATED = re.compile(
    rf"\b((?:[Mm]y|[Oo]ur|[Mm]ijn|[Oo]nze)\s+(?:late\s+|best\s+|dear\s+|beste\s+)?(?:wife|husband|partner|son|daughter|mother|mum|mom|father|dad|brother"
    rf"|sister|friend|boyfriend|girlfriend|colleague|boss|neighbour|neighbor|uncle|aunt|grandmother|grandfather|niece|nephew"
    rf"|vrouw|man|zoon|dochter|moeder|mama|vader|papa|broer|zus|vriend|vriendin|collega|baas|buurman|buurvrouw|oom|tante|oma"
    rf"|opa|nicht|neef))(?:,?\s+{_NAME}|\s+(?:called|named|genaamd)\s+{_SAID_NAME})"
)
_SPOKEN_OF = re.compile(
    rf"\b((?:[Ss]poke|[Ss]poken|[Tt]alked|[Cc]hatted|[Cc]hatting|[Ss]peaking|[Hh]elped|gesproken|gebeld|gechat|geholpen|sprak)\s+(?:with|to|by|met|door)"
    rf"|colleague|collega|[Oo]n\s+behalf\s+of|[Nn]amens|[Tt]\.?n\.?v\.?|[Oo]p\s+naam\s+van|[Ii]n\s+the\s+name\s+of|[Uu]nder\s+the\s+name"
    rf"|[Aa]ttn\.?|[Tt]\.a\.v\.?|[Aa]ccount\s+holder|[Rr]ekeninghouder|[Pp]ayee|[Bb]eneficiary|[Bb]egunstigde)"
    rf"(\s+(?:your|jullie|uw|my|mijn|de|the)\s+(?:colleague|collega))?(?:\s+(?:called|named|genaamd|is))?\s*:?\s+{_PARTICLE}{{0,2}}{_NAME}"
)

_GREETING = (
    r"(?:hi+|hello|hey+|hiya|dear|greetings|good\s?(?:morning|afternoon|evening|day)|hallo|hoi+|heuj|beste|geachte|lieve"
    r"|goede(?:morgen|middag|avond|ndag)|goeie(?:morgen|middag|avond)|dag|yo)"
)
_NO_NAME = (
    r"(?:sir|madam|there|team|all|everyone|folks|guys|again|support|customer|service|meneer|mevrouw|allemaal|jullie|iedereen"
    r"|klantenservice|medewerker|heer|of)"
)
_GREETED = re.compile(
    rf"(?:^|(?<=[.!?\n]))\s*(?i:{_GREETING})\b(?:\s+(?:(?i:{_NO_NAME})\b[\s/,]*)+)?"
    rf"(?:\s+(?:{_CAPITAL}\s+)?{_SMALL_WORD}(?=\s*[,!\n]))?"
    rf"(?:\s+(?!(?i:{_GOES_ON})\b)(?:{_NAME})(?=\s*[,.!:;\n-]|\s+[a-z]|$))?\s*[,.!:;–-]*",
)
_FIRST = "|".join(
    sorted(
        {*ENGLISH.split(), *DUTCH.split()}
        - {*ALSO_WORDS.split(), *ALSO_VERBS.split(), *ALSO_MONTHS_AND_PLACES.split()},
        key=len,
        reverse=True,
    )
)
_SIGNED = re.compile(
    r"(?:^|(?<=[\s.,;!?]))(?:(?:with\s+)?(?:kind|best|warm|many|with)?\s*(?:regards|wishes)|yours(?:\s+\w+)?|sincerely|cheers|greetings"
    r"|(?:met\s+)?(?:vriendelijke|hartelijke|vr\.?)?\s*(?:groetjes|groeten|groet|gr\.|grtjs)|m\.?v\.?g\.?|hoogachtend|liefs|x{2,5})"
    r"(?:[\s,.!:–-]+\S+){0,8}\s*$",
    re.IGNORECASE,
)
_THANKED = re.compile(
    rf"((?i:\b(?:thanks?(?:\s+you)?(?:\s+(?:so\s+much|a\s+lot|very\s+much|in\s+advance|again))?|thx|ty|bedankt|dank\s?(?:je|u)?(?:\s?wel)?|alvast\s+bedankt"
    rf"|b\.?v\.?d\.?|best|gr)))[\s,.!:–-]+{_NAME}\s*$"
)
_THANKED_SMALL = re.compile(
    rf"(\b(?:thanks|thank\s+you|thx|bedankt|dank\s?je))[\s,.!]+(?:{_FIRST})[\s.!x]*$", re.IGNORECASE
)
_DASHED = re.compile(rf"(?:\n\s*|\s+)[-–—~]+\s*{_NAME}\s*$")
_ALONE_AT_THE_END = re.compile(rf"\n\s*{_NAME}\s*$")

_WORDS_TOO = "|".join(ALSO_WORDS.split())
_VERBS_TOO = "|".join([*ALSO_VERBS.split(), *ALSO_MONTHS_AND_PLACES.split()])
_FAMILY = rf"(?:\s+{_PARTICLE}{{0,3}}{_CAPITAL}){{0,2}}"
_SURE_FAMILY = rf"(?:\s+{_PARTICLE}{{0,3}}{_CAPITAL}){{1,2}}"
_COMMON = re.compile(
    rf"(?<![\w@.-])(?=[A-Z])(?:(?i:{_FIRST})(?![\w-])(?:['’]s\b)?{_FAMILY}|(?i:{_WORDS_TOO}){_SURE_FAMILY})"
    rf"|(?<=[a-z,] )(?=[A-Z])(?i:{_VERBS_TOO}){_SURE_FAMILY}"
)
_COMMON_INSIDE = re.compile(rf"(?<=[a-z,] )(?=[A-Z])(?i:{_WORDS_TOO})(?![\w-])(?:['’]s\b)?")

_KANJI_NAME = (
    r"[一-龠々]{1,5}(?:[\s　]?[一-龠々ぁ-んァ-ヶー]{1,5})?|[ァ-ヶー・]{2,12}"
    r"|[ぁ-ん]{2,5}(?:\s[ぁ-ん]{2,5})|[A-Za-z]+(?:\s[A-Za-z]+)?"
)
_FAMILIES = "|".join(sorted(JAPANESE_FAMILY.split(), key=len, reverse=True))
_INTRODUCED_JAPANESE = re.compile(
    rf"(?:(?:私|わたし|わたくし|僕|名前|氏名)(?:の名前)?は|[^。、\s]{{1,8}}の)?\s?(?:{_KANJI_NAME})"
    r"(?:と申し|といい|と言い)(?:ます|まして)が?[。、]?"
    rf"|(?:(?:私|わたし|わたくし|僕)の)?(?:名前|氏名)[はが:：]\s?(?:{_KANJI_NAME})(?:です)?が?[。、]?"
    rf"|(?:私|わたし|僕)は(?:{_FAMILIES})[一-龠々ぁ-ん]{{0,4}}?です[。、]?"
)
_HONOURED = re.compile(
    r"(?<![お御])(?:(?P<name>[一-龠々]{1,4}|[ァ-ヶー]{2,8})(?P<honour>様|さま|さん|氏|殿)(?![方子々]))"
)
_NO_NAMES_HONOURED = re.compile(
    r".*(?:客|皆|担当|店長|奥|娘|息子|母|父|兄|姉|誰|何|神|王|仕|模|同|多|一|有|左|異|貴|屋|配達|係|者|員)"
)
_FAMILY_JAPANESE = re.compile(
    rf"(?:{_FAMILIES})(?:[\s　][一-龠々ぁ-んァ-ヶ]{{1,4}}|[一-龠々]{{1,2}}(?=です|宛|名義|[のがには、。]|$))?"
    r"(?![県市区町村駅通])"
)
_GREETED_JAPANESE = re.compile(
    r"^(?:こんにち[はわ]|こんばん[はわ]|おはようございます|はじめまして|初めまして|お世話になって(?:おり|い)ます|すみません)"
    r"が?[。、!！\s]*"
)


def without_names(text: str) -> str:
    """No name that is said in one of these ways."""
    text = _SIGNED.sub("", text)
    text = _THANKED_SMALL.sub(r"\1", _THANKED.sub(r"\1", text))
    for pattern in (_DASHED, _ALONE_AT_THE_END, _TITLED, _WITH_AT_START, _GREETED, _INTRODUCED, _HERE, _I_AM):
        text = pattern.sub(" ", text)
    text = _SPOKEN_OF.sub(r"\1\2", _RELATED.sub(r"\1", text))
    text = _COMMON_INSIDE.sub(" ", _COMMON.sub(" ", text))
    for pattern in (_GREETED_JAPANESE, _INTRODUCED_JAPANESE):
        text = pattern.sub("", text)
    return _FAMILY_JAPANESE.sub("", _HONOURED.sub(_if_somebody, text))


def _if_somebody(found: re.Match[str]) -> str:
    """ "お客様" and "店員さん" are nobody in particular."""
    return found[0] if _NO_NAMES_HONOURED.fullmatch(found["name"]) else ""
