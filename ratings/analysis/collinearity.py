"""Which drivers move together so closely that their effects cannot be told apart."""

from collections.abc import Sequence

import numpy as np

from ratings.analysis.results import Floats

# An interval more than √10 times as wide as it would be if the driver moved alone (Marquardt 1970, "Generalized
# inverses, ridge regression, biased linear estimation, and nonlinear estimation", Technometrics 12:591–612).
LARGEST_INFLATION = 10.0


def inflation(correlation: Floats, places: Sequence[slice], directions: Sequence[Floats]) -> list[float]:
    """Per driver: the variance of its contrast in the model with all columns over the one with its own columns only.

    The variance inflation factor, taken in the direction of the contrast that is shown: the generalised one of Fox and
    Monette 1992 ("Generalized collinearity diagnostics", JASA 87:178–183) averages over directions nobody looks at.
    """
    size = len(correlation)
    inverse = np.linalg.inv(correlation + 1e-9 * np.eye(size))
    found = []
    for place, direction in zip(places, directions, strict=True):
        own = correlation[place, place] + 1e-9 * np.eye(place.stop - place.start)
        alone = float(direction @ np.linalg.solve(own, direction))
        found.append(float(direction @ inverse[place, place] @ direction) / alone if alone > 0 else 1.0)
    return found


def partner_of(driver: int, correlation: Floats, places: Sequence[slice], directions: Sequence[Floats]) -> int | None:
    """The other driver without which this one's inflation is lowest; None when no single one is to blame."""
    best, found = np.inf, None
    for other in range(len(places)):
        if other == driver:
            continue
        kept = np.setdiff1d(np.arange(len(correlation)), np.arange(places[other].start, places[other].stop))
        start = int(np.searchsorted(kept, places[driver].start))
        place = slice(start, start + places[driver].stop - places[driver].start)
        without = inflation(correlation[np.ix_(kept, kept)], [place], [directions[driver]])[0]
        if without < best:
            best, found = without, other
    return found if best <= LARGEST_INFLATION else None
