"""Where a model of meaning would come in. Nothing uses it: today's ranking is lexical (ADR 23).

A model would be one more kind of likeness beside words, pairs and runs of letters. `Shelf.put` would keep the vectors
of an article's title and questions beside their dimensions, and `ranking.compare` would add their products with the
asked question's vector, by a weight of its own in `Weights`, to the likeness and to the gram of the nearest rows. The
regression, the fusion and the confidence stay as they are; the confidence's factors are then to be chosen anew.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt


class Embedding(Protocol):
    """A model that is loaded once per process and shared between threads.

    ``name`` names model and version: vectors of different names are never compared, and a new name means that every
    article is read anew. ``dimensions`` is the length of a vector; memory per question is twice that in bytes, since
    vectors are kept as float16 (384 dimensions: 768 bytes, beside about 250 for words and runs).
    """

    name: str
    dimensions: int

    def embed(self, texts: Sequence[str], language: str) -> npt.NDArray[np.float32]:
        """One row per text, in order, each of length 1 (or all zeros when nothing of the text is understood), so that a
        product of two rows is a cosine. Shape ``(len(texts), dimensions)``.

        ``texts`` are cleaned questions and titles, up to 2,000 characters each; ``language`` is a base language
        (``nl``). Called outside of transactions and never on the event loop. It computes in this process and asks no
        service: nothing a visitor wrote may leave the platform. One text has to take a few milliseconds, because an
        operator waits for it. Raises nothing: a text that it cannot read is a row of zeros.
        """
        ...
