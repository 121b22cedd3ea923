"""What one visitor will do, and how long an average operator needs for it. Follows from seed and number alone."""

import random
import uuid
from dataclasses import dataclass

from chatplatform.simulation.model import SECOND_LANGUAGE_SHARE, Client

MEAN_TURNS = 3.0
MOST_TURNS = 10
BURST_SHARE = 0.25  # of a visitor's turns come in two messages
BURST_SECONDS = (2.0, 9.0)
THINK_SECONDS, THINK_SIGMA = 22.0, 0.7  # median, spread of the logarithm: reading the answer and writing back
READ_SECONDS = (1.5, 4.0)  # an operator notices and reads a message
FIRST_TYPE_SECONDS, FIRST_TYPE_SIGMA = 7.0, 0.35  # a first reply is short, and often from a canned text
TYPE_SECONDS, TYPE_SIGMA = 13.0, 0.55
THANKS_SHARE = 0.6
THANKS_TYPE_SECONDS = (3.0, 6.0)
FIRST_PATIENCE_SECONDS, PATIENCE_SECONDS, PATIENCE_SIGMA = 150.0, 240.0, 0.8
SAYS_SO_SHARE = 0.5  # of those who give up end the conversation; the others are just gone
CLOSE_SECONDS = (3.0, 8.0)  # the operator notes the purpose
SILENCE_SECONDS = 90.0  # then the operator closes
OVERLOOK_SHARE = 0.03  # of the offers are not noticed
OVERLOOK_MEAN_SECONDS = 45.0
WAKE_SHARE = 0.7  # of those are noticed when the warning sounds


@dataclass(frozen=True, slots=True)
class Turn:
    """``after`` seconds from the reply before; ``burst`` a second message so many seconds later; ``answer`` seconds an
    average operator needs; ``patience`` seconds until the visitor gives up."""

    after: float
    burst: float | None
    answer: float
    patience: float


@dataclass(frozen=True, slots=True)
class Script:
    """One visitor's conversation as it will go if everybody answers."""

    number: int
    id: uuid.UUID
    client: Client
    at: float
    language: str
    turns: tuple[Turn, ...]
    says_so: bool
    close_seconds: float
    seed: str

    def overlooked(self, attempt: int) -> tuple[bool, float, bool]:
        """(is this offer not noticed, for how many seconds at most, does the warning wake the operator)"""
        chance = random.Random(f"{self.seed} {attempt}")  # noqa: S311 - a model, not a secret
        seconds = chance.expovariate(1 / OVERLOOK_MEAN_SECONDS)
        return chance.random() < OVERLOOK_SHARE, seconds, chance.random() < WAKE_SHARE


def make_script(seed: int, number: int, at: float, client: Client) -> Script:
    """The same whatever the rule."""
    name = f"{seed} visitor {number}"
    chance = random.Random(name)  # noqa: S311 - a model, not a secret
    turns = [_turn(chance, is_first=True)]
    while len(turns) < MOST_TURNS and chance.random() < 1 - 1 / MEAN_TURNS:
        turns.append(_turn(chance, is_first=False))
    if chance.random() < THANKS_SHARE:
        thanks = _turn(chance, is_first=False)
        turns.append(Turn(thanks.after, None, chance.uniform(*THANKS_TYPE_SECONDS), thanks.patience))
    return Script(
        number=number,
        id=uuid.UUID(int=chance.getrandbits(128), version=4),
        client=client,
        at=at,
        language=client.languages[chance.random() < SECOND_LANGUAGE_SHARE],
        turns=tuple(turns),
        says_so=chance.random() < SAYS_SO_SHARE,
        close_seconds=chance.uniform(*CLOSE_SECONDS),
        seed=name,
    )


def _turn(chance: random.Random, *, is_first: bool) -> Turn:
    burst = chance.uniform(*BURST_SECONDS)
    is_burst = chance.random() < BURST_SHARE
    middle, sigma = (FIRST_TYPE_SECONDS, FIRST_TYPE_SIGMA) if is_first else (TYPE_SECONDS, TYPE_SIGMA)
    patience = FIRST_PATIENCE_SECONDS if is_first else PATIENCE_SECONDS
    return Turn(
        after=_around(chance, THINK_SECONDS, THINK_SIGMA),
        burst=burst if is_burst else None,
        answer=chance.uniform(*READ_SECONDS) + _around(chance, middle, sigma),
        patience=_around(chance, patience, PATIENCE_SIGMA),
    )


def _around(chance: random.Random, median: float, sigma: float) -> float:
    return median * chance.lognormvariate(0, sigma)
