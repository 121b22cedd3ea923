"""The model's columns: what is always adjusted for, then the drivers; and which purposes get a fit of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ratings.analysis.encoding import Encoding, Kind, lacks_variety
from ratings.analysis.rated import RatedConversations
from ratings.analysis.results import Floats, Ints, NotEnoughData

# Rows that are worked on at once. Bounds memory whatever the number of conversations: about 5 MB of columns.
BLOCK = 16_384
# Ratings per column that a purpose needs for a fit of its own, and that all of them together need.
ROWS_PER_COLUMN_APART = 30
ROWS_PER_COLUMN = 10
# In a fit of its own each driver has to differ this often.
FEWEST_DIFFERENT_APART = 25
# A topic, language or hour band with a smaller share is one with the most frequent.
SMALLEST_LEVEL = 0.02
MOST_LEVELS = 10
HOURS_PER_BAND = 6
# Whose effects depend on each other: a visitor's mood and the waits, each two of them. How much a second wait is minded
# depends on the first, since marks end at 1; and as kept promises follow from all waits together, they seem to do
# whatever the waits do together and the model lacks. Which drivers work together is fixed beforehand: to look for such
# pairs in the data would name false ones.
WORKS_WITH_WAITS = "mood_start"
MOOD_SPAN = 2.0  # moods go from −2 to 2


@dataclass(frozen=True, slots=True, eq=False)
class Adjuster:
    """A field whose levels may differ in mark and in drivers alike: adjusted for, never judged."""

    name: str
    levels: tuple[int, ...]

    def columns(self, codes: Ints) -> Floats:
        return (codes[None] == np.array(self.levels)[:, None]).astype(np.float64)


def adjusters(data: RatedConversations) -> list[Adjuster]:
    """Topic, language and six-hour band. "Not recorded" is a level like any other."""
    found = []
    for name in ("topic", "language", "hour"):
        codes, counts = np.unique(adjusting_codes(data, name), return_counts=True)
        order = np.argsort(-counts, kind="stable")[
            1 : MOST_LEVELS + 1
        ]  # the most frequent one is what others differ from
        levels = tuple(int(codes[place]) for place in order if counts[place] >= SMALLEST_LEVEL * len(data))
        if levels:
            found.append(Adjuster(name, levels))
    return found


def adjusting_codes(data: RatedConversations, name: str, rows: Ints | slice = slice(None)) -> Ints:
    codes: Ints = getattr(data, name)[rows]
    return np.where(codes < 0, -1, codes // HOURS_PER_BAND) if name == "hour" else codes


@dataclass(frozen=True, slots=True, eq=False)
class Stratum:
    """Rows that share a fit: those of one purpose, or of several, and what was ``lacking`` for fits of their own."""

    purposes: tuple[int, ...]
    rows: Ints
    lacking: NotEnoughData | None = None

    @property
    def extra(self) -> int:
        return len(self.purposes) - 1


class Design:
    """Turns rows into columns, block by block; nothing of the size of the data is kept but the rows' numbers."""

    def __init__(self, data: RatedConversations, rows: Ints, drivers: Sequence[Encoding]) -> None:
        self.data = data
        self.rows = rows
        self.drivers = tuple(drivers)
        sample = data.select(rows[:: max(1, len(rows) // 100_000)])
        self.adjusters = tuple(adjusters(sample))
        size = 1 + sum(len(one.levels) for one in self.adjusters)
        self.places: list[slice] = []
        for one in self.drivers:
            self.places.append(slice(size, size + one.size))
            size += one.size
        self.plain_size = size
        together = [
            place
            for place, one in enumerate(self.drivers)
            if one.driver.kind is Kind.WAIT or one.driver.name == WORKS_WITH_WAITS
        ]
        self.pairs = tuple(combinations(together, 2))
        self.size = size + len(self.pairs)

    @property
    def driver_start(self) -> int:
        return self.places[0].start if self.places else self.size

    def columns(self, rows: Ints, stratum: Stratum | None = None, purpose: int | None = None) -> Floats:
        """(columns, rows), the ones of the intercept first. With a stratum also the levels of its purposes; with
        ``purpose`` as if all rows had that one."""
        extra = stratum.extra if stratum is not None else 0
        found = np.empty((self.size + extra, len(rows)))
        found[0] = 1.0
        place = 1
        for one in self.adjusters:
            upto = place + len(one.levels)
            found[place:upto] = one.columns(adjusting_codes(self.data, one.name, rows))
            place = upto
        for where, driver in zip(self.places, self.drivers, strict=True):
            found[where] = driver.columns(self.data.values(driver.driver.name, rows))
        for number, (first, second) in enumerate(self.pairs, self.plain_size):
            found[number] = self._amount(first, rows, found) * self._amount(second, rows, found)
        if stratum is not None and extra:
            purposes = self.data.purpose[rows] if purpose is None else np.full(len(rows), purpose)
            found[self.size :] = purposes[None] == np.array(stratum.purposes[1:])[:, None]
        return found

    def moved_with(self, driver: int) -> Ints:
        """The columns besides its own that change with a driver: what it does together with others."""
        return np.array([self.plain_size + where for where, pair in enumerate(self.pairs) if driver in pair], dtype=int)

    def moved_columns(self, driver: int, end: int, rows: Ints, columns: Floats) -> Floats:
        """Those columns when all rows have the driver's better (0) or worse (1) value."""
        one, step = self.drivers[driver], self.drivers[driver].step
        is_wait = one.driver.kind is Kind.WAIT
        own = one.ends[0, end] if is_wait else (step.better, step.worse)[end] / MOOD_SPAN
        partners = [a + b - driver for a, b in self.pairs if driver in (a, b)]
        found = np.empty((len(partners), len(rows)))
        for where, partner in enumerate(partners):
            found[where] = own * self._amount(partner, rows, columns)
        return found

    def _amount(self, driver: int, rows: Ints, columns: Floats) -> Floats:
        """How much of it, in one number: of a wait the first column, its logarithm; of the mood its value."""
        if self.drivers[driver].driver.kind is Kind.WAIT:
            return np.asarray(columns[self.places[driver].start])
        return self.data.values(WORKS_WITH_WAITS, rows) / MOOD_SPAN

    def marks(self, rows: Ints) -> Floats:
        """From 0 (a 1) to 1 (a 10)."""
        return (self.data.mark[rows] - 1) / 9.0


def blocks(rows: Ints) -> Iterator[Ints]:
    for start in range(0, len(rows), BLOCK):
        yield rows[start : start + BLOCK]


def strata(design: Design) -> list[Stratum]:
    """Purposes that are large and varied enough alone; the others with the next smallest one, until that will do."""
    purposes = design.data.purpose[design.rows]
    pools = [Stratum((int(code),), design.rows[purposes == code]) for code in np.unique(purposes)]
    pools.sort(key=lambda one: len(one.rows))
    while len(pools) > 1:
        lacking = [_lacking_alone(design, one) for one in pools]
        weak = next((place for place, one in enumerate(lacking) if one is not None), None)
        if weak is None:
            break
        one, other = pools[weak], pools[1 if weak == 0 else 0]
        joined = Stratum((*other.purposes, *one.purposes), np.concatenate([other.rows, one.rows]), lacking[weak])
        pools = sorted([*(two for two in pools if two not in (one, other)), joined], key=lambda one: len(one.rows))
    return sorted(pools, key=lambda one: one.purposes)


def _lacking_alone(design: Design, stratum: Stratum) -> NotEnoughData | None:
    needed = ROWS_PER_COLUMN_APART * (design.size + stratum.extra)
    if len(stratum.rows) < needed:
        return NotEnoughData("ratings", len(stratum.rows), needed)
    sample = stratum.rows[:: max(1, len(stratum.rows) // 20_000)]
    different = lacks_variety(design.marks(sample), FEWEST_DIFFERENT_APART)
    if different is not None:
        return NotEnoughData("marks that differ", different.have, different.needed)
    for one in design.drivers:
        lacking = lacks_variety(design.data.values(one.driver.name, sample), FEWEST_DIFFERENT_APART)
        if lacking is not None:
            return NotEnoughData(f"{lacking.of} in {one.driver.name}", lacking.have, lacking.needed)
    return None
