"""Which articles contain a term, and how often: sorted arrays, a large settled part and a small young one."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from knowledgebase.engine.features import Terms

Slots = npt.NDArray[np.int32]
Counts = npt.NDArray[np.uint8]

# The young part is merged into the settled one when it holds more articles than this, and than a quarter of that one.
YOUNG = 64


@dataclass(frozen=True, slots=True)
class Part:
    """Terms in order; those of ``terms[n]`` are ``slots[starts[n]:starts[n + 1]]``."""

    terms: Terms
    starts: npt.NDArray[np.int32]
    slots: Slots
    counts: Counts

    @classmethod
    def of(cls, terms: Terms, slots: Slots, counts: Counts) -> "Part":
        order = np.argsort(terms, kind="stable")
        distinct, starts = np.unique(terms[order], return_index=True)
        return cls(distinct, np.append(starts, len(terms)).astype(np.int32), slots[order], counts[order])

    def entries(self) -> tuple[Terms, Slots, Counts]:
        return np.repeat(self.terms, np.diff(self.starts)), self.slots, self.counts

    def nbytes(self) -> int:
        return self.terms.nbytes + self.starts.nbytes + self.slots.nbytes + self.counts.nbytes


def _empty() -> Part:
    return Part.of(np.zeros(0, np.uint32), np.zeros(0, np.int32), np.zeros(0, np.uint8))


@dataclass(slots=True)
class Postings:
    """Not safe for threads by itself. Entries of slots that are gone stay until the next merge; whoever asks leaves
    them out."""

    _settled: Part = field(default_factory=_empty)
    _young: Part = field(default_factory=_empty)
    _fresh: list[tuple[int, Terms, Counts]] = field(default_factory=list)
    _settled_slots: int = 0
    _young_slots: int = 0

    def add(self, slot: int, terms: Terms, counts: Counts) -> None:
        """Costs nothing but keeping them: they are sorted in when somebody asks."""
        self._fresh.append((slot, terms, counts))

    def find(self, terms: Terms, alive: npt.NDArray[np.bool_]) -> tuple[Slots, Counts, npt.NDArray[np.intp]]:
        """Slots and counts of all ``terms`` (distinct), and of which of them each is."""
        self._settle(alive)
        found = [self._in(part, terms) for part in (self._settled, self._young)]
        slots, counts, which = (np.concatenate([one[n] for one in found]) for n in range(3))
        living = alive[slots]
        return slots[living], counts[living], which[living]

    def renumber(self, new_slots: Slots, alive: npt.NDArray[np.bool_]) -> None:
        """Slot ``n`` becomes ``new_slots[n]``; those that are gone are dropped."""
        self._settle(alive)
        self._merge(alive)
        terms, slots, counts = self._settled.entries()
        self._settled = Part.of(terms, new_slots[slots], counts)

    def nbytes(self) -> int:
        fresh = sum(terms.nbytes + counts.nbytes for _, terms, counts in self._fresh)
        return self._settled.nbytes() + self._young.nbytes() + fresh

    @staticmethod
    def _in(part: Part, terms: Terms) -> tuple[Slots, Counts, npt.NDArray[np.intp]]:
        if not len(part.terms):
            return part.slots, part.counts, np.zeros(0, np.intp)
        places = np.minimum(np.searchsorted(part.terms, terms), len(part.terms) - 1)
        known = np.flatnonzero(part.terms[places] == terms)
        starts, ends = part.starts[places[known]], part.starts[places[known] + 1]
        lengths = ends - starts
        before = np.cumsum(lengths) - lengths
        entries = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
        return part.slots[entries], part.counts[entries], np.repeat(known, lengths)

    def _settle(self, alive: npt.NDArray[np.bool_]) -> None:
        if not self._fresh:
            return
        terms, slots, counts = self._young.entries()
        self._young = Part.of(
            np.concatenate([terms, *(fresh for _, fresh, _ in self._fresh)]),
            np.concatenate([slots, *(np.full(len(fresh), slot, np.int32) for slot, fresh, _ in self._fresh)]),
            np.concatenate([counts, *(fresh for _, _, fresh in self._fresh)]),
        )
        self._young_slots += len(self._fresh)
        self._fresh.clear()
        if self._young_slots > max(YOUNG, self._settled_slots // 4):
            self._merge(alive)

    def _merge(self, alive: npt.NDArray[np.bool_]) -> None:
        settled, young = self._settled.entries(), self._young.entries()
        terms, slots, counts = (np.concatenate([settled[n], young[n]]) for n in range(3))
        living = alive[slots]
        self._settled, self._young = Part.of(terms[living], slots[living], counts[living]), _empty()
        self._settled_slots, self._young_slots = int(alive.sum()), 0
