"""State changes: one function each, that locks, checks, writes and announces."""

from ratings.services.answering import answer_question, give_rating, note_shown
from ratings.services.reporting import build_report

__all__ = ["answer_question", "build_report", "give_rating", "note_shown"]
