"""What an organisation's visitors ask about, and what is answered. Tenant schema."""

from knowledgebase.models.articles import Article, ArticleFile, ArticleText, ArticleVersion, Revision, Variant
from knowledgebase.models.facts import Address, Manner, Notice, Product
from knowledgebase.models.gaps import CollectedUntil, Gap, UnansweredTurn
from knowledgebase.models.help import HelpSettings
from knowledgebase.models.topics import Topic, TopicLabel
from knowledgebase.models.use import Feedback, Signal, Suggested

__all__ = [
    "Address",
    "Article",
    "ArticleFile",
    "ArticleText",
    "ArticleVersion",
    "CollectedUntil",
    "Feedback",
    "Gap",
    "HelpSettings",
    "Manner",
    "Notice",
    "Product",
    "Revision",
    "Signal",
    "Suggested",
    "Topic",
    "TopicLabel",
    "UnansweredTurn",
    "Variant",
]
