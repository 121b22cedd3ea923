"""Effects as differences in mean marks: every conversation as it was but for one driver.

Standardisation, also called g-computation: Robins 1986, "A new approach to causal inference in mortality studies",
Mathematical Modelling 7:1393–1512; over a fitted mean as in Snowden, Rose and Mortimer 2011, American Journal of
Epidemiology 173:731–738. The variance is the one of the whole procedure, by the influence of each row on fit and
average together (Stefanski and Boos 2002, "The calculus of M-estimation", The American Statistician 56:29–38), hence
right under any scatter of the marks. Residuals are widened by their leverage (HC3, MacKinnon and White 1985, Journal of
Econometrics 29:305–325; Long and Ervin 2000, The American Statistician 54:217–224): rare drivers pull their own rows.
Where few rows carry a contrast, its variance is itself known badly. Student's t allows for that, with degrees of
freedom after Satterthwaite 1946 (Biometrics Bulletin 2:110–114) from how unevenly rows add to the variance (Pan and
Wall 2002, "Small-sample adjustments in using the sandwich variance estimator", Statistics in Medicine 21:1429–1441).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ratings.analysis.design import Design, blocks
from ratings.analysis.fitting import Fit, mean_of
from ratings.analysis.results import Floats, Ints

SPAN = 9.0


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """One entry per contrast: first the drivers in the design's order, then the purposes asked for. ``freedom`` is how
    many degrees of freedom its variance has."""

    values: Floats
    covariance: Floats
    freedom: Floats
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
    sums = [_Sums(count, one.size) for one in fits]
    gradients = [np.zeros((count, one.size)) for one in fits]
    for place, one in enumerate(fits):
        inverse = np.linalg.inv(one.information)
        for rows in blocks(one.stratum.rows):
            columns = design.columns(rows, one.stratum)
            linear = one.linear(columns)
            mean = mean_of(linear)
            slope = mean * (1 - mean)
            found = np.empty((count, len(rows)))
            for number, driver in enumerate(judged):
                found[number], gradient = _driver_contrast(design, one, driver, rows, columns, linear)
                gradients[place][number] += gradient
            for number, purpose in enumerate(purposes, len(judged)):
                other = next(i for i, two in enumerate(fits) if purpose in two.stratum.purposes)
                as_if_mean, gradient = _as_if(design, fits[other], purpose, rows)
                found[number] = SPAN * (as_if_mean - mean)
                gradients[other][number] += gradient
            if purposes:
                gradients[place][len(judged) :] -= SPAN * (columns @ slope)
            leverage = slope * np.einsum("ij,ij->j", columns, inverse @ columns)
            sums[place].add(found, columns * ((design.marks(rows) - mean) / (1 - np.minimum(leverage, 0.5))))
    levers = [np.asarray(np.linalg.solve(one.information, two.T)) for one, two in zip(fits, gradients, strict=True)]
    powers = [_powers(design, one, two) for one, two in zip(fits, levers, strict=True)]
    drivers = slice(0, len(judged))
    apart = [_contrasts([one], [two], [three], drivers) for one, two, three in zip(sums, levers, powers, strict=True)]
    return _contrasts(sums, levers, powers, slice(0, count)), apart


def _driver_contrast(
    design: Design, fit: Fit, driver: int, rows: Ints, columns: Floats, linear: Floats
) -> tuple[Floats, Floats]:
    """Each row's difference, and the sum's gradient in the coefficients."""
    place, moved = design.places[driver], design.moved_with(driver)
    beta = fit.coefficients
    without = linear - beta[place] @ columns[place] - beta[moved] @ columns[moved]
    own, others = np.zeros(place.stop - place.start), np.zeros(len(moved))
    difference, slopes = np.zeros(len(rows)), np.zeros(len(rows))
    for end, sign in ((0, 1.0), (1, -1.0)):
        there, with_others = design.drivers[driver].ends[:, end], design.moved_columns(driver, end, rows, columns)
        mean = mean_of(without + beta[place] @ there + beta[moved] @ with_others)
        steep = sign * mean * (1 - mean)
        difference += sign * mean
        slopes += steep
        own += there * steep.sum()
        others += with_others @ steep
    gradient = columns @ slopes
    gradient[place], gradient[moved] = own, others
    return SPAN * difference, SPAN * gradient


def _as_if(design: Design, fit: Fit, purpose: int, rows: Ints) -> tuple[Floats, Floats]:
    """Each row's mean if its purpose were this one, and the sum's gradient in that purpose's parameters."""
    columns = design.columns(rows, fit.stratum, purpose)
    mean = mean_of(fit.linear(columns))
    return mean, SPAN * (columns @ (mean * (1 - mean)))


def _powers(design: Design, fit: Fit, lever: Floats) -> Floats:
    """(2, contrasts): the second and the fourth power of what each row's score moves, summed up."""
    found = np.zeros((2, lever.shape[1]))
    for rows in blocks(fit.stratum.rows):
        columns = design.columns(rows, fit.stratum)
        squares = np.square((lever.T @ columns) * (design.marks(rows) - mean_of(fit.linear(columns))))
        found += squares.sum(axis=1), np.square(squares).sum(axis=1)
    return found


def _contrasts(sums: Sequence[_Sums], levers: Sequence[Floats], powers: Sequence[Floats], part: slice) -> Contrasts:
    """A row's influence is its own difference minus the mean one, plus what its score moves in its fit."""
    n = sum(one.n for one in sums)
    mean = sum((one.contrast[part] for one in sums), np.zeros(1)) / n
    covariance = -n * np.outer(mean, mean)
    for one, whole in zip(sums, levers, strict=True):
        lever = whole[:, part]
        crossed = (one.crossed[part] - np.outer(mean, one.score)) @ lever
        covariance = covariance + one.products[part, part] + crossed + crossed.T
        covariance = covariance + lever.T @ one.scores @ lever
    second, fourth = np.sum(powers, axis=0)[:, part]
    freedom = np.divide(2 * second * second, fourth, out=np.full_like(fourth, n), where=fourth > 0)
    return Contrasts(mean, covariance / n**2, freedom, n)
