"""The constants of the ranking. `knowledgebase.evaluation.tuning` chose them; docs/suggestions.md tells on what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    # BM25 over one text per article.
    saturation: float = 1.2
    length: float = 0.75
    # What words, neighbours, neighbours but one and runs of letters count for between two questions.
    kinds: tuple[float, float, float, float] = (1.0, 0.5, 0.3, 1.0)
    # The ridge over the nearest questions: the likeness is raised to a power, then solved with this much restraint.
    power: float = 1.5
    restraint: float = 0.5
    # The fused score: the ridge's verdict, words and runs as shares of the best article's, the three likest questions.
    ridge: float = 1.0
    words: float = 0.3
    runs: float = 0.3
    alike: float = 0.2
    # An article often taken when shown comes before its equal; what sinks comes after.
    habit: float = 0.02
    sinking: float = 0.25
    # Confidence: logistic over what `ranking.evidence` gives, in its order; the first is the constant.
    confidence: tuple[float, ...] = (-4.0, 6.0, 4.0, 2.0, 2.0)
    # At which confidence a visitor is answered automatically.
    sure: float = 0.9


DEFAULT = Weights()
# How many articles, and how many of their questions, are looked at closely.
CANDIDATES = 40
MOST_ROWS = 1_200
NEAREST = 200
