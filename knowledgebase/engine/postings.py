"""Which articles contain a term, and how often: sorted arrays, a large settled part and a small young one."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from knowledgebase.engine.features import Terms

Slots = npt.NDArray[np.int32]
Counts = npt.NDArray[np.uint8]

# Of a question's terms, the commonest are left out when all together are in more articles than this: what half of
# 10,000 articles contain takes milliseconds to count and tells none of them from the others.
MOST_ENTRIES = 60_000
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

    def places(self, terms: Terms) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Of each term, where its entries start and how many they are; none of one that is not here."""
        places = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        starts = self.starts[places].astype(np.int64)
        lengths = np.where(self.terms[places] == terms, self.starts[places + 1] - starts, 0)
        return starts, lengths

    def nbytes(self) -> int:
        return self.terms.nbytes + self.starts.nbytes + self.slots.nbytes + self.counts.nbytes


@dataclass(frozen=True, slots=True)
class Found:
    """Articles with the terms that were asked for: entry ``n`` says that ``slots[n]`` has term ``which[n]``, so often.
    ``having`` is how many articles have each term; of terms left out those that are gone may be among them."""

    slots: Slots
    counts: Counts
    which: npt.NDArray[np.intp]
    having: npt.NDArray[np.int64]


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

    def find(self, terms: Terms, alive: npt.NDArray[np.bool_]) -> Found:
        """``terms`` are distinct. At most ``MOST_ENTRIES`` entries, of the rarest terms."""
        self._settle(alive)
        parts = [part for part in (self._settled, self._young) if len(part.terms)]
        places = [part.places(terms) for part in parts]
        having = sum((lengths for _, lengths in places), np.zeros(len(terms), np.int64))
        rarest = np.argsort(having, kind="stable")
        kept = rarest[np.cumsum(having[rarest]) <= MOST_ENTRIES]
        slots, counts, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.uint8)], []
        for part, (starts, found) in zip(parts, places, strict=True):
            ranges = [slice(start, start + length) for start, length in zip(starts[kept], found[kept], strict=True)]
            slots += [part.slots[one] for one in ranges]
            counts += [part.counts[one] for one in ranges]
            lengths.append(found[kept])
        which = np.repeat(np.tile(kept, len(parts)), np.concatenate([np.zeros(0, np.int64), *lengths]))
        found_slots, found_counts = np.concatenate(slots), np.concatenate(counts)
        living = alive[found_slots]
        if not living.all():
            found_slots, found_counts, which = found_slots[living], found_counts[living], which[living]
            having[kept] = np.bincount(which, minlength=len(terms))[kept]
        return Found(found_slots, found_counts, which, having)

    def renumber(self, new_slots: Slots, alive: npt.NDArray[np.bool_]) -> None:
        """Slot ``n`` becomes ``new_slots[n]``; those that are gone are dropped."""
        self._settle(alive)
        self._merge(alive)
        terms, slots, counts = self._settled.entries()
        self._settled = Part.of(terms, new_slots[slots], counts)

    def nbytes(self) -> int:
        fresh = sum(terms.nbytes + counts.nbytes for _, terms, counts in self._fresh)
        return self._settled.nbytes() + self._young.nbytes() + fresh

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
