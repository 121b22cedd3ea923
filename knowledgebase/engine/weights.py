"""The constants of the ranking. `knowledgebase.evaluation.tuning` chose the weights of the fused score, the confidence
and the threshold, on the training half of labelled questions alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    # BM25 over one text per article.
    saturation: float = 1.2
    length: float = 0.75
    # What words, neighbours, neighbours but one and runs of letters count for between two questions.
    kinds: tuple[float, float, float, float] = (1.0, 0.5, 0.3, 1.0)
    # The regression over the nearest questions: the likeness is raised to a power, the factors are held by a restraint.
    power: float = 1.25
    restraint: float = 0.2
    # The fused score: the regression's verdict, and words and runs as shares of the best article's.
    verdict: float = 1.0
    words: float = 0.6
    runs: float = 1.0
    # An article often taken when shown comes before its equal; what sinks comes after.
    habit: float = 0.02
    sinking: float = 0.25
    # Confidence: logistic over what `ranking.evidence` gives, in its order; the first is the constant.
    confidence: tuple[float, ...] = (-2.13, 1.1, 2.33, 0.45, 1.14, 0.54)
    # At which confidence a visitor is answered automatically.
    sure: float = 0.969


DEFAULT = Weights()
# How many articles are looked at closely, with how many questions; how many of these are compared exactly; and how many
# of the nearest the regression is fitted to.
CANDIDATES = 40
MOST_ROWS = 6_000
MOST_COMPARED = 320
NEAREST = 120
