"""The model of one stratum: the mean mark as a smooth, bounded curve of its columns.

The mark's mean, as a share of the scale, is the logistic function of a sum of columns, fitted by quasi-likelihood
(Papke and Wooldridge 1996, "Econometric methods for fractional response variables", Journal of Applied Econometrics
11:619–632). Only the *mean* has to be right: how marks scatter around it, skewed, heavy at 10 or different from visitor
to visitor, is left to the sandwich variance (Huber 1967; White 1982).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.analysis.design import Design, Stratum, blocks
from ratings.analysis.results import Floats, Ints

# Newton's steps begin on a sample: from there one step over all rows is as good as the end of the way (Le Cam 1956).
FIRST_ROWS = 20_000
MOST_STEPS = 25
# A step that moves no coefficient by more than this, in standard deviations of its column, is the last.
SMALL_STEP = 1e-4
# Keeps a column that never differs within a stratum at nought. In units of one rating's information.
RIDGE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """``information`` is the sum over rows of the squared slope of the mean's logit, weighted."""

    stratum: Stratum
    coefficients: Floats
    information: Floats


def fit(design: Design, stratum: Stratum) -> Fit:
    size = design.size + stratum.extra
    coefficients = np.zeros(size)
    coefficients[0] = special.logit(np.clip(design.marks(stratum.rows).mean(), 0.001, 0.999))
    every = -(-len(stratum.rows) // FIRST_ROWS)
    if every > 1:
        coefficients, _ = _converge(design, stratum, stratum.rows[::every], coefficients)
    coefficients, information = _converge(design, stratum, stratum.rows, coefficients)
    return Fit(stratum, coefficients, information)


def _converge(design: Design, stratum: Stratum, rows: Ints, coefficients: Floats) -> tuple[Floats, Floats]:
    kept = [design.columns(one, stratum) for one in blocks(rows)] if len(rows) <= 2 * FIRST_ROWS else None
    information = np.eye(len(coefficients))
    for _ in range(MOST_STEPS):
        score, information = np.zeros(len(coefficients)), RIDGE * np.eye(len(coefficients))
        information[0, 0] = 0.0
        for place, one in enumerate(blocks(rows)):
            columns = kept[place] if kept is not None else design.columns(one, stratum)
            mean = special.expit(coefficients @ columns)
            score += columns @ (design.marks(one) - mean)
            information += (columns * (mean * (1 - mean))) @ columns.T
        score[1:] -= RIDGE * coefficients[1:]
        step = np.linalg.solve(information, score)
        coefficients = coefficients + step
        if np.abs(step).max() < SMALL_STEP:
            break
    return coefficients, information
