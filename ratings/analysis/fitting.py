"""The model of one stratum: the mean mark as a smooth, bounded curve of a sum of columns.

The mark's mean, as a share of the scale, is a logistic curve of the sum, fitted by quasi-likelihood (Papke and
Wooldridge 1996, "Econometric methods for fractional response variables", Journal of Applied Econometrics 11:619–632).
Only the *mean* has to be right: how marks scatter around it, skewed, heavy at 10 or different from visitor to visitor,
is left to the sandwich variance (Huber 1967; White 1982).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ratings.analysis import special
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
# The longest step, as the mean change of the sums in logits. Whole steps leap to and fro where nearly all marks are 10.
LONGEST_STEP = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    stratum: Stratum
    coefficients: Floats
    information: Floats

    @property
    def size(self) -> int:
        return len(self.coefficients)

    def linear(self, columns: Floats) -> Floats:
        return np.asarray(self.coefficients @ columns)


def mean_of(linear: Floats) -> Floats:
    """From sums to mean marks, between 0 and 1."""
    return np.asarray(special.expit(linear))


def fit(design: Design, stratum: Stratum) -> Fit:
    """Raises ArithmeticError when there is no curve that Newton's steps find."""
    start = np.zeros(design.size + stratum.extra)
    start[0] = special.logit(np.clip(design.marks(stratum.rows).mean(), 0.001, 0.999))
    every = -(-len(stratum.rows) // FIRST_ROWS)
    sample = stratum.rows[::every]
    kept = [design.columns(one, stratum) for one in blocks(sample)]
    coefficients, information = _converge(start, design, sample, kept.__getitem__)
    if every > 1:
        parts = list(blocks(stratum.rows))

        def columns_of(place: int) -> Floats:
            return design.columns(parts[place], stratum)

        coefficients, information = _converge(coefficients, design, stratum.rows, columns_of)
    return Fit(stratum, coefficients, information)


def _converge(
    coefficients: Floats, design: Design, rows: Ints, columns_of: Callable[[int], Floats]
) -> tuple[Floats, Floats]:
    ridge = np.full(len(coefficients), RIDGE)
    ridge[0] = 0.0
    for _ in range(MOST_STEPS):
        score, information = -ridge * coefficients, np.diag(ridge)
        for place, one in enumerate(blocks(rows)):
            columns = columns_of(place)
            mean = mean_of(coefficients @ columns)
            score += columns @ (design.marks(one) - mean)
            information += (columns * (mean * (1 - mean))) @ columns.T
        step = np.linalg.solve(information, score)
        gain = float(score @ step)
        if gain < SMALL_GAIN:
            return coefficients + step, information
        coefficients = coefficients + step * min(1.0, LONGEST_STEP * np.sqrt(information[0, 0] / gain))
    raise ArithmeticError("A logistic curve that Newton's steps do not find.")
