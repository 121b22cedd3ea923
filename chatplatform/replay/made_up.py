"""Dialogues of nobody, for a machine without recorded ones. Short answers repeat on purpose."""

import random

from chatplatform.replay.dialogues import Dialogue, Turn

_ASKED = (
    "Is the ridge tent waterproof?",
    "How long does delivery to Ghent take?",
    "Can I send it back when it does not fit?",
    "Which card works abroad?",
    "このテントは何人用ですか。",
    "Kan ik het ook in de winkel ophalen?",
    'He said: "<b>two</b> days" & left 😀',
)
_ANSWERED = (
    "It is: 4,000 mm.",
    "Two working days.",
    "Within thirty days, unused.",
    "Both of them.",
    "三人用です。",
    "Dat kan vanaf morgen.",
    "One moment, I am looking it up.\nHere it is.",
)
_SHORT = ("Yes", "No", "Thanks", "OK", "Yes")


def made_up_dialogues(count: int) -> list[Dialogue]:
    """The same ``count`` dialogues in every run, of 2 to 16 turns."""
    chance = random.Random(count)  # noqa: S311 - no secret
    return [Dialogue(f"made-up-{number:04}", tuple(_turns(chance, chance.randrange(1, 9)))) for number in range(count)]


def _turns(chance: random.Random, pairs: int) -> list[Turn]:
    turns = []
    for _ in range(pairs):
        turns.append(Turn("visitor", chance.choice(_ASKED + _SHORT)))
        turns.append(Turn("operator", chance.choice(_ANSWERED + _SHORT)))
    return turns
