"""What visitors thought, what is done about it, and what the client reads about it. Tenant schema."""

from ratings.models.acting import Criterion, FollowUp, FollowUpSettings, QualityReview
from ratings.models.asking import Answer, Ask, AskedPair, AskLink, AskSettings, FactorChoice
from ratings.models.marks import Rating
from ratings.models.reports import Report, ReportDelivery, ReportSubscription

__all__ = [
    "Answer",
    "Ask",
    "AskLink",
    "AskSettings",
    "AskedPair",
    "Criterion",
    "FactorChoice",
    "FollowUp",
    "FollowUpSettings",
    "QualityReview",
    "Rating",
    "Report",
    "ReportDelivery",
    "ReportSubscription",
]
