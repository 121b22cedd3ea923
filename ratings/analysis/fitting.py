"""The model of one stratum: the mean mark as a smooth, bounded curve of a sum of columns.

The mark's mean, as a share of the scale, is a logistic curve of the sum, fitted by quasi-likelihood (Papke and
Wooldridge 1996, "Econometric methods for fractional response variables", Journal of Applied Econometrics 11:619–632).
Visitors who always give a 10, or whose scales differ, bend that curve; so a square and a cube of the sum are fitted
along (after Pregibon 1980, "Goodness of link tests for generalized linear models", Applied Statistics 29:15–24). Only
the *mean* has to be right: how marks scatter around it, skewed, heavy at 10 or different from visitor to visitor, is
left to the sandwich variance (Huber 1967; White 1982).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from ratings.analysis.design import Design, Stratum, blocks
from ratings.analysis.results import Floats, Ints

# Newton's steps begin on a sample: from there few steps over all rows are as good as the whole way (Le Cam 1956).
FIRST_ROWS = 20_000
MOST_STEPS = 25
# The step is the last one when what it gains, as a chi-square, is this little: it moved estimates by less than a
# hundredth of their errors (Newton's decrement).
SMALL_GAIN = 1e-4
# Keeps a column that never differs within a stratum at nought. In units of one rating's information.
RIDGE = 0.02
# Keeps the curve a logistic one where drivers explain too little to see how it bends.
BEND_RIDGE = 16.0
BENDS = 2
# Farther than about this from the middle of the sum the curve bends no more.
REACH = 2.0
# The longest step of a bend.
LONGEST_BEND = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """From columns to a mean mark, between 0 and 1."""

    coefficients: Floats
    bend: Floats
    centre: float

    def linear(self, columns: Floats) -> Floats:
        return np.asarray(self.coefficients @ columns)

    def mean(self, linear: Floats) -> Floats:
        return np.asarray(special.expit(linear + self.bend @ self.powers(linear)))

    def steepness(self, linear: Floats) -> Floats:
        """How fast the bent sum moves with the sum."""
        z = np.tanh((linear - self.centre) / REACH)
        return np.asarray(1.0 + (2 * self.bend[0] + 3 * self.bend[1] * REACH * z) * REACH * z * (1 - z * z))

    def powers(self, linear: Floats) -> Floats:
        """(bends, rows): how fast the bent sum moves with the bends."""
        z = REACH * np.tanh((linear - self.centre) / REACH)
        square = z * z
        return np.stack([square, square * z])

    def carriers(self, columns: Floats, linear: Floats) -> Floats:
        """(parameters, rows): how fast the bent sum moves with all parameters."""
        return np.concatenate([columns * self.steepness(linear), self.powers(linear)])


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """``information`` is of all parameters: the coefficients, then the bends."""

    stratum: Stratum
    curve: Curve
    information: Floats

    @property
    def size(self) -> int:
        return len(self.information)


def fit(design: Design, stratum: Stratum) -> Fit:
    curve = Curve(np.zeros(design.size + stratum.extra), np.zeros(BENDS), 0.0)
    curve.coefficients[0] = special.logit(np.clip(design.marks(stratum.rows).mean(), 0.001, 0.999))
    every = -(-len(stratum.rows) // FIRST_ROWS)
    sample = stratum.rows[::every]
    kept = [design.columns(one, stratum) for one in blocks(sample)]
    straight = _converge(curve, design, sample, kept.__getitem__, bends=False)
    if straight is None:
        raise ArithmeticError("A logistic curve that Newton's steps do not find.")
    centre = float(np.mean(np.concatenate([straight[0].linear(one) for one in kept])))
    bent = _converge(replace(straight[0], centre=centre), design, sample, kept.__getitem__, bends=True)
    found = bent or straight
    if every > 1:
        parts = list(blocks(stratum.rows))

        def columns_of(place: int) -> Floats:
            return design.columns(parts[place], stratum)

        whole = _converge(found[0], design, stratum.rows, columns_of, bends=bent is not None)
        found = whole or _converge(straight[0], design, stratum.rows, columns_of, bends=False) or found
    return Fit(stratum, *found)


def _converge(
    curve: Curve, design: Design, rows: Ints, columns_of: Callable[[int], Floats], *, bends: bool
) -> tuple[Curve, Floats] | None:
    """Gauss and Newton's steps, with the information that one has on average. None when they lead nowhere."""
    size = len(curve.coefficients)
    ridge = np.full(size + BENDS, RIDGE)
    ridge[0], ridge[size:] = 0.0, BEND_RIDGE if bends else 1e12
    information = np.diag(ridge)
    for _ in range(MOST_STEPS):
        score, information = -ridge * np.concatenate([curve.coefficients, curve.bend]), np.diag(ridge)
        for place, one in enumerate(blocks(rows)):
            columns = columns_of(place)
            linear = curve.linear(columns)
            mean = curve.mean(linear)
            carriers = curve.carriers(columns, linear)
            score += carriers @ (design.marks(one) - mean)
            information += (carriers * (mean * (1 - mean))) @ carriers.T
        step = np.linalg.solve(information, score)
        part = 1.0 / max(1.0, float(np.abs(step[size:]).max()) / LONGEST_BEND)
        curve = replace(
            curve, coefficients=curve.coefficients + part * step[:size], bend=curve.bend + part * step[size:]
        )
        if part == 1.0 and score @ step < SMALL_GAIN:
            return curve, information
    return None
