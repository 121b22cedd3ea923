"""The collinearity check of a design."""

from collections.abc import Iterable

import numpy as np

from ratings.analysis.collinearity import LARGEST_INFLATION, inflation, partner_of
from ratings.analysis.design import Design
from ratings.analysis.results import Floats

SAMPLE = 16_000


def inseparable(design: Design, judged: Iterable[int]) -> tuple[int, int | None] | None:
    """The driver whose contrast is most inflated, if that is too much, and the one it moves with: another driver, or
    None for what is adjusted for."""
    judged = list(judged)
    if not judged:
        return None
    correlation, places = _correlation(design)
    directions = [one.direction for one in design.drivers]
    found = inflation(correlation, places, directions)
    worst = max(judged, key=lambda one: found[one])
    if found[worst] <= LARGEST_INFLATION:
        return None
    partner = partner_of(worst, correlation, places, directions)
    return worst, partner


def _correlation(design: Design) -> tuple[Floats, list[slice]]:
    rows = design.rows[:: max(1, len(design.rows) // SAMPLE)]
    purposes = design.data.purpose[rows]
    levels = np.unique(purposes)[1:]
    columns = np.concatenate(
        [design.columns(rows)[1 : design.plain_size], (purposes[None] == levels[:, None]).astype(np.float64)]
    )
    columns -= columns.mean(axis=1, keepdims=True)
    scale = columns.std(axis=1, keepdims=True)
    columns /= np.where(scale > 0, scale, 1.0)
    # The columns of drivers are already in standard deviations, as their directions are.
    return columns @ columns.T / len(rows), [slice(one.start - 1, one.stop - 1) for one in design.places]
