"""Words that say how something is asked, never what about: "what is the", "hoe kan ik". English and Dutch; of other
languages none is known, and every word counts. The ranking does not use them: what is common weighs little by itself.
"""

_ENGLISH = """
a about am an and any are as at be been but by can cant could did didnt do does doesnt dont for from get got had has
have havent hello hi how i id if im in is isnt it its ive just know let may me my need of on or our out please should
so some tell thank thanks that thats the their them there these they this to want was wasnt we were what whats when
where which who why will with wont would you your
"""
_DUTCH = """
aan als bij dan dat de der deze die dit doe doen door een en er graag had hallo heb hebben heeft hem het hij hoe hoi
hun ik in is ja je jij jullie kan krijg krijgen krijgt kunnen kunt maar mag me met mij mijn moet na naar nee niet nog
of om ons onze ook op over s t te tot u uit uw van voor waar waarom wanneer was wat we wel welke wij wil worden wordt
ze zijn zo zou
"""
_WORDS = {"en": frozenset(_ENGLISH.split()), "nl": frozenset(_DUTCH.split())}
_NONE: frozenset[str] = frozenset()


def is_grammar(word: str, language: str) -> bool:
    """``word`` as `words_of` gives it; ``language`` is a base language."""
    return word in _WORDS.get(language, _NONE)
