"""Which article answers this question: the ranking itself, in memory, without database or Django.

One `KnowledgeIndex` per organisation. It is fed document by document and never looks anything up.
"""

from knowledgebase.engine.documents import Because, Document, Field, Hit
from knowledgebase.engine.index import KnowledgeIndex

__all__ = ["Because", "Document", "Field", "Hit", "KnowledgeIndex"]
