"""The made-up day: clients with their hours and volumes, operators with their skills, shifts and habits.

Everything follows from the seed, and nothing here knows which rule will route: each rule meets the same day.
Times of the day are seconds since local midnight.
"""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

HOUR = 3600.0
HALF_HOURS = 48
HALF_HOUR = HOUR / 2

# (share of the clients, opens, closes)
OPENING_PATTERNS = ((0.5, 9 * HOUR, 17 * HOUR), (0.4, 8 * HOUR, 22 * HOUR), (0.1, 7 * HOUR, 23 * HOUR))
# (share of the clients, what most of its visitors speak, what the others speak)
LANGUAGE_PATTERNS = ((0.6, "nl", "en"), (0.2, "en", "nl"), (0.2, "de", "en"))
SECOND_LANGUAGE_SHARE = 0.15
VOLUME_EXPONENT = 0.8  # the n-th largest client has n^-0.8 of the largest one's visitors
# How busy the hours of a day are, before a client's opening hours are laid over them.
BUSY_HOURS = (0, 0, 0, 0, 0, 0, 1, 2, 4, 7, 10, 10, 8, 8, 9, 9, 8, 6, 5, 6, 7, 5, 3, 1)
CAMPAIGN_SHARE = 0.15  # of the clients send a mail to their customers on this day
CAMPAIGN_VISITORS = 0.25  # of such a client's visitors come because of it
CAMPAIGN_MEAN_SECONDS = 12 * 60.0

SHIFT_STARTS = tuple(start * HOUR for start in (7, 8, 8.5, 9, 10, 12, 13, 14, 14.5))
SHIFT_SECONDS = 8.5 * HOUR
OPERATOR_LANGUAGES = (("nl", 0.85), ("en", 0.75), ("de", 0.4))
CAPACITIES = (3, 4, 4, 5)
TRAINED_SHARE = (0.3, 0.8)  # of the operators who speak its language: of a small client, of one thrice the average
LEAST_TRAINED = 2  # operators in every half hour that a client is open, if anybody at all works then
PACE_SIGMA = 0.2
SLOW_SHARE, SLOW_FACTOR = 0.15, 1.5
BREAKS = ((0.25, 10), (0.5, 40), (0.78, 10))  # (part of the shift, minutes)
BREAK_JITTER_SECONDS = 25 * 60.0
VANISHING_SHARE = 0.2  # of the shifts: the operator is gone for a while, without a word
VANISHING_SECONDS = 8 * 60.0


@dataclass(frozen=True, slots=True)
class Client:
    """``share`` of all conversations; ``campaign_at`` when its mail goes out, if one does."""

    number: int
    opens: float
    closes: float
    share: float
    languages: tuple[str, str]
    campaign_at: float | None

    @property
    def slug(self) -> str:
        return f"client-{self.number:03}"

    def is_open(self, at: float) -> bool:
        return self.opens <= at < self.closes


@dataclass(frozen=True, slots=True)
class Break:
    """A planned break, or an absence without a word. ``seconds`` long."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Roster:
    """An operator's day. ``pace`` multiplies every reading and typing time; ``clients`` are numbers."""

    number: int
    id: uuid.UUID
    languages: tuple[str, ...]
    capacity: int
    pace: float
    starts: float
    ends: float
    breaks: tuple[Break, ...]
    vanishes: Break | None
    clients: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"Operator {self.number:03}"

    def works(self, at: float) -> bool:
        return self.starts <= at < self.ends


@dataclass(frozen=True, slots=True)
class Day:
    """``arrivals`` are (second, client), in the order of time."""

    seed: int
    reoffer_seconds: int
    clients: tuple[Client, ...]
    rosters: tuple[Roster, ...]
    arrivals: tuple[tuple[float, Client], ...]


def make_day(*, organisations: int, operators: int, conversations: int, seed: int, reoffer_seconds: int) -> Day:
    """The same numbers give the same day."""
    clients = _clients(organisations, random.Random(f"{seed} clients"))  # noqa: S311 - a model, not a secret
    arrivals = _arrivals(clients, conversations, random.Random(f"{seed} arrivals"))  # noqa: S311
    rosters = _rosters(clients, operators, random.Random(f"{seed} operators"))  # noqa: S311
    return Day(seed, reoffer_seconds, tuple(clients), tuple(rosters), tuple(arrivals))


def _clients(count: int, chance: random.Random) -> list[Client]:
    volumes = [(rank + 1) ** -VOLUME_EXPONENT for rank in range(count)]
    clients = []
    for number, volume in enumerate(volumes):
        _, opens, closes = OPENING_PATTERNS[_pick(chance, [pattern[0] for pattern in OPENING_PATTERNS])]
        _, most, others = LANGUAGE_PATTERNS[_pick(chance, [pattern[0] for pattern in LANGUAGE_PATTERNS])]
        mails = chance.random() < CAMPAIGN_SHARE
        campaign_at = chance.uniform(opens + HOUR, closes - 2 * HOUR)
        share = volume / sum(volumes)
        clients.append(Client(number, opens, closes, share, (most, others), campaign_at if mails else None))
    return clients


def _arrivals(clients: Sequence[Client], count: int, chance: random.Random) -> list[tuple[float, Client]]:
    shares = [client.share for client in clients]
    arrivals = []
    for client in chance.choices(clients, shares, k=count):
        at = client.closes
        if client.campaign_at is not None and chance.random() < CAMPAIGN_VISITORS:
            at = client.campaign_at + chance.expovariate(1 / CAMPAIGN_MEAN_SECONDS)
        while not client.is_open(at):
            at = (_pick(chance, BUSY_HOURS) + chance.random()) * HOUR
        arrivals.append((at, client))
    return sorted(arrivals, key=lambda arrival: arrival[0])


def expected_load(clients: Sequence[Client]) -> list[float]:
    """For each half hour of the day, the share of all conversations to expect; campaigns are a surprise."""
    load = [0.0] * HALF_HOURS
    for client in clients:
        busy = [BUSY_HOURS[half // 2] if client.is_open(half * HALF_HOUR) else 0 for half in range(HALF_HOURS)]
        for half in range(HALF_HOURS):
            load[half] += client.share * busy[half] / sum(busy)
    return load


def _rosters(clients: Sequence[Client], count: int, chance: random.Random) -> list[Roster]:
    starts = _shift_starts(expected_load(clients), count)
    people = [
        (uuid.UUID(int=chance.getrandbits(128), version=4), _spoken(chance), chance.choice(CAPACITIES), _pace(chance))
        for _ in range(count)
    ]
    trained = _training(clients, starts, [languages for _, languages, _, _ in people], chance)
    return [
        Roster(
            number=number,
            id=id_,
            languages=languages,
            capacity=capacity,
            pace=pace,
            starts=starts[number],
            ends=starts[number] + SHIFT_SECONDS,
            breaks=tuple(
                Break(
                    starts[number] + part * SHIFT_SECONDS + chance.uniform(-1, 1) * BREAK_JITTER_SECONDS, minutes * 60
                )
                for part, minutes in BREAKS
            ),
            vanishes=_vanishing(starts[number], chance),
            clients=tuple(sorted(trained[number])),
        )
        for number, (id_, languages, capacity, pace) in enumerate(people)
    ]


def _shift_starts(load: Sequence[float], count: int) -> list[float]:
    """As a planner would: each next operator works when the most visitors per operator are expected."""
    cover = [0] * HALF_HOURS
    starts = []
    for _ in range(count):
        best = max(SHIFT_STARTS, key=lambda start: sum(load[half] / (1 + cover[half]) for half in _halves(start)))
        for half in _halves(best):
            cover[half] += 1
        starts.append(best)
    return starts


def _halves(start: float) -> range:
    return range(int(start // HALF_HOUR), min(HALF_HOURS, int((start + SHIFT_SECONDS) // HALF_HOUR)))


def _spoken(chance: random.Random) -> tuple[str, ...]:
    spoken = tuple(language for language, share in OPERATOR_LANGUAGES if chance.random() < share)
    return spoken or ("nl", "en")


def _pace(chance: random.Random) -> float:
    pace = chance.lognormvariate(0, PACE_SIGMA)
    return pace * (SLOW_FACTOR if chance.random() < SLOW_SHARE else 1.0)


def _vanishing(start: float, chance: random.Random) -> Break | None:
    happens = chance.random() < VANISHING_SHARE
    at = start + chance.uniform(0.05, 0.95) * SHIFT_SECONDS
    seconds = max(60.0, chance.expovariate(1 / VANISHING_SECONDS))
    return Break(at, seconds) if happens else None


def _training(
    clients: Sequence[Client], starts: Sequence[float], spoken: Sequence[tuple[str, ...]], chance: random.Random
) -> list[set[int]]:
    """Operator → the clients they are trained for. Larger clients have more; no open half hour has too few, if it can
    be helped."""
    trained: list[set[int]] = [set() for _ in starts]
    for client in clients:
        least, most = TRAINED_SHARE
        share = least + (most - least) * min(1.0, client.share * len(clients) / 3)
        speakers = [one for one, languages in enumerate(spoken) if client.languages[0] in languages]
        for one in speakers:
            if chance.random() < share:
                trained[one].add(client.number)
        for half in range(HALF_HOURS):
            if not client.is_open(half * HALF_HOUR):
                continue
            there = [one for one, start in enumerate(starts) if half in _halves(start)]
            others = [one for one in there if client.number not in trained[one]]
            chance.shuffle(others)
            others.sort(key=lambda one: client.languages[0] not in spoken[one])
            missing = LEAST_TRAINED - (len(there) - len(others))
            for one in others[: max(0, missing)]:
                trained[one].add(client.number)
    return trained


def _pick(chance: random.Random, weights: Sequence[float]) -> int:
    return chance.choices(range(len(weights)), weights)[0]
