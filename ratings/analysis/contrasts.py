"""Effects as differences in mean marks: every conversation as it was but for one driver.

Standardisation, also called g-computation: Robins 1986, "A new approach to causal inference in mortality studies",
Mathematical Modelling 7:1393–1512; over a fitted mean as in Snowden, Rose and Mortimer 2011, American Journal of
Epidemiology 173:731–738. The variance is the one of the whole procedure, by the influence of each row on fit and
average together (Stefanski and Boos 2002, "The calculus of M-estimation", The American Statistician 56:29–38), hence
right under any scatter of the marks; with MacKinnon and White's 1985 correction for the number of columns (HC1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.analysis.design import Design, blocks
from ratings.analysis.fitting import Fit
from ratings.analysis.results import Floats

SPAN = 9.0


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """One entry per contrast: first the drivers in the design's order, then the purposes asked for."""

    values: Floats
    covariance: Floats
    n: int


class _Sums:
    """What one pass over a stratum's rows adds up."""

    def __init__(self, contrasts: int, size: int) -> None:
        self.n = 0
        self.contrast = np.zeros(contrasts)
        self.products = np.zeros((contrasts, contrasts))
        self.score = np.zeros(size)
        self.scores = np.zeros((size, size))
        self.crossed = np.zeros((contrasts, size))

    def add(self, contrast: Floats, score: Floats) -> None:
        self.n += contrast.shape[1]
        self.contrast += contrast.sum(axis=1)
        self.products += contrast @ contrast.T
        self.score += score.sum(axis=1)
        self.scores += score @ score.T
        self.crossed += contrast @ score.T


def measure(
    design: Design, fits: Sequence[Fit], purposes: Sequence[int], judged: Sequence[int]
) -> tuple[Contrasts, list[Contrasts]]:
    """Together, and per fit (there without the purposes). ``judged`` are the places of the drivers to contrast."""
    count = len(judged) + len(purposes)
    sums = [_Sums(count, len(one.coefficients)) for one in fits]
    gradients = [np.zeros((count, len(one.coefficients))) for one in fits]
    for place, one in enumerate(fits):
        for rows in blocks(one.stratum.rows):
            columns = design.columns(rows, one.stratum)
            linear = one.coefficients @ columns
            mean = special.expit(linear)
            found = np.empty((count, len(rows)))
            for number, driver in enumerate(judged):
                found[number], gradient = _driver_contrast(design, one, driver, columns, linear)
                gradients[place][number] += gradient
            if purposes:
                slope = SPAN * (columns @ (mean * (1 - mean)))
                for number, purpose in enumerate(purposes, len(judged)):
                    other = next(i for i, two in enumerate(fits) if purpose in two.stratum.purposes)
                    as_if = design.columns(rows, fits[other].stratum, purpose)
                    as_if_mean = special.expit(fits[other].coefficients @ as_if)
                    found[number] = SPAN * (as_if_mean - mean)
                    gradients[other][number] += SPAN * (as_if @ (as_if_mean * (1 - as_if_mean)))
                    gradients[place][number] -= slope
            sums[place].add(found, columns * (design.marks(rows) - mean))
    drivers = slice(0, len(judged))
    apart = [
        _contrasts([one], [two], [three[drivers]], drivers)
        for one, two, three in zip(fits, sums, gradients, strict=True)
    ]
    return _contrasts(fits, sums, gradients, slice(0, count)), apart


def _driver_contrast(design: Design, fit: Fit, driver: int, columns: Floats, linear: Floats) -> tuple[Floats, Floats]:
    """Each row's difference, and the sum's gradient in the coefficients."""
    place, encoding = design.places[driver], design.drivers[driver]
    own = fit.coefficients[place]
    without = linear - own @ columns[place]
    ends = encoding.ends
    better, worse = special.expit(without + own @ ends[:, 0]), special.expit(without + own @ ends[:, 1])
    slope_better, slope_worse = better * (1 - better), worse * (1 - worse)
    gradient = columns @ (slope_better - slope_worse)
    gradient[place] = ends[:, 0] * slope_better.sum() - ends[:, 1] * slope_worse.sum()
    return SPAN * (better - worse), SPAN * gradient


def _contrasts(fits: Sequence[Fit], sums: Sequence[_Sums], gradients: Sequence[Floats], part: slice) -> Contrasts:
    """A row's influence is its own difference minus the mean one, plus what its score moves in its fit."""
    n = sum(one.n for one in sums)
    mean = sum((one.contrast[part] for one in sums), np.zeros(1)) / n
    covariance = -n * np.outer(mean, mean)
    for fit, one, gradient in zip(fits, sums, gradients, strict=True):
        lever = np.linalg.solve(fit.information, gradient.T)
        crossed = (one.crossed[part] - np.outer(mean, one.score)) @ lever
        correction = one.n / max(one.n - len(fit.coefficients), 1)
        covariance = covariance + one.products[part, part] + crossed + crossed.T
        covariance = covariance + correction * lever.T @ one.scores @ lever
    return Contrasts(mean, covariance / n**2, n)
