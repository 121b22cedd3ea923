"""The scripted server with a knowledge base behind it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.browser.desk_stage import Stage


def article_id(number: int) -> str:
    return str(UUID(int=0xA000 + number))


def suggestion(number: int, title: str, reply: str, **more: Any) -> dict[str, Any]:
    """One of the answers that the server finds; ``number`` makes its id."""
    because = {"field": "question", "words": [], "question": ""}
    standing = {"confidence": 0.9, "is_overdue": False, "is_expired": False}
    shared = {"article": article_id(number), "language": "en", "title": title, "reply": reply}
    return {**shared, "missing": [], "points": [], "because": because, **standing, **more}


FEE = suggestion(
    1,
    "What does a return cost?",
    "Returning costs {product.parcel.fee}, and you have 30 days.",
    missing=["product.parcel.fee"],
    points=["The fee", "Within 30 days", "Sale items are excepted"],
    because={"field": "question", "words": ["sending", "back", "cost"], "question": "What does sending it back cost?"},
    confidence=0.93,
)
HOW = suggestion(
    2,
    "How do I return something?",
    "You find the label in your account, under Orders.",
    because={"field": "title", "words": ["return"], "question": ""},
    confidence=0.6,
    is_overdue=True,
)
EXCHANGE = suggestion(
    3,
    "Exchanging for another size",
    "Order the other size anew, and send this one back.",
    because={"field": "text", "words": ["back"], "question": ""},
    confidence=0.2,
)
SEAM = article_id(98)
NOTICE = "Parcels to Belgium take two days longer this week."
LONG_TEXT = """## Before you answer

Ask for the **order number**. <img src=x onerror="document.body.dataset.hacked='yes'">

| Size | Fee |
|---|---|
| Small | 4.95 |

1. Look it up
   - in the shop
2. Send the [terms](https://shop.example/terms) or [this](javascript:alert(1))"""


@dataclass
class KnowledgeStage(Stage):
    """``suggestions`` for the visitor's turn, ``typed`` for what an operator types; None: no answer ever comes."""

    suggestions: list[dict[str, Any]] | None = field(default_factory=lambda: [FEE, HOW, EXCHANGE])
    typed: list[dict[str, Any]] = field(default_factory=list)
    found: list[dict[str, Any]] = field(default_factory=lambda: [HOW, EXCHANGE, FEE])
    notices: list[str] = field(default_factory=list)

    def answer(self, command: dict[str, Any]) -> list[dict[str, Any]]:
        kind = command["type"]
        reply = {
            "suggestions.fetch": self._suggest,
            "articles.search": self._search,
            "article.fetch": self._article,
            "suggestion.use": lambda command: [],
            "article.report": lambda command: [{**_answer(command), "type": "article.noted"}],
            "gap.flag": lambda command: [{**_answer(command), "type": "gap.noted"}],
        }.get(kind)
        if reply is None or kind in self.refusals:
            return super().answer(command)
        self.heard.append(command)
        return reply(command)

    def _suggest(self, command: dict[str, Any]) -> list[dict[str, Any]]:
        if self.suggestions is None:
            return []
        [talk] = [talk for talk in self.talks if talk.id == command["conversation"]]
        asked = [fact["seq"] for fact in talk.facts if fact["sender"]["kind"] == "visitor"]
        found = self.suggestions if command["text"] is None else self.typed
        shared = {"type": "suggestions", "conversation": talk.id, "seq": asked[-1] if asked else 0}
        return [{**shared, "suggestions": found, "notices": self.notices}]

    def _search(self, command: dict[str, Any]) -> list[dict[str, Any]]:
        words = command["text"].lower()
        found = [one for one in self.found if words in one["title"].lower()]
        shared = {"type": "articles", "organisation": command["organisation"]}
        return [{**shared, "articles": found}]

    def _article(self, command: dict[str, Any]) -> list[dict[str, Any]]:
        [found] = [one for one in (FEE, HOW, EXCHANGE) if one["article"] == command["article"]]
        return [
            {
                **{key: value for key, value in found.items() if key not in ("because", "confidence")},
                "type": "article",
                "long_text": LONG_TEXT,
                "related": [{"article": other["article"], "title": other["title"]} for other in (HOW, EXCHANGE)],
                "source": "Terms of sale, 2026",
                "owner": "Maud",
                "topic": "Returns",
                "version": 3,
                "valid_until": None,
                "review_on": "2027-03-01",
                "files": [
                    {"id": article_id(99), "name": "terms.pdf", "content_type": "application/pdf", "size": 48_213},
                    {"id": SEAM, "name": "seam.png", "content_type": "image/png", "size": 2_048},
                ],
            }
        ]


def _answer(command: dict[str, Any]) -> dict[str, Any]:
    return {key: command[key] for key in ("cid", "article", "conversation", "seq") if key in command}
