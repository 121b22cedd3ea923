"""What visitors of an organisation are asked, and that they were asked. Inside the organisation's schema.

An ``Ask`` is stored with the closing, whether anybody ever sees it: response is a share of what was asked, and of what
was shown, never of what was answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation

from conversations.models import Conversation, Entry
from ratings.factors import EXPECTATION, SOLVED, Factor, question_of
from ratings.models import Ask, AskSettings, FactorChoice
from ratings.sampling import next_pair
from tenants.context import OrganisationRef

# Whoever sees the question this soon after the end has not left; later it is another visit.
SAME_VISIT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class AskedFactor:
    """How a factor stands in one language. ``wording`` empty: the shipped one."""

    factor: str
    is_asked: bool
    wording: str


def ask_settings() -> AskSettings:
    """The organisation's, or the defaults. One query."""
    return AskSettings.objects.first() or AskSettings()


def factors_in(language: str) -> list[AskedFactor]:
    """All factors in the organisation's order for this language. One query."""
    own = {choice.factor: choice for choice in FactorChoice.objects.filter(language=language)}
    shipped = {factor: place for place, factor in enumerate(Factor.values)}

    def place(factor: str) -> tuple[int, int]:
        return (own[factor].position if factor in own else shipped[factor] + 1, shipped[factor])

    return [
        AskedFactor(factor, own[factor].is_asked, own[factor].wording)
        if factor in own
        else AskedFactor(factor, True, "")
        for factor in sorted(Factor.values, key=place)
    ]


def ask_how_it_was(_organisation: OrganisationRef, conversation: Conversation, now: datetime) -> dict[str, Any]:
    """Stores that this visitor is asked, and returns the questions as ``rating.requested`` says them.

    Once per conversation: closed again after it was reopened, it asks the same. Locks a pair's counter
    (:func:`ratings.sampling.next_pair`); the caller holds the conversation.
    """
    factors = factors_in(conversation.language)
    ask = Ask.objects.filter(conversation=conversation).first()
    if ask is None:
        settings = ask_settings()
        pair = next_pair(conversation.language, [one.factor for one in factors if one.is_asked])
        ask = Ask.objects.create(
            conversation=conversation,
            language=conversation.language,
            questions=[EXPECTATION, *pair, *([SOLVED] if settings.asks_solved else [])],
            asked_at=now,
            open_until=now + timedelta(days=settings.open_days),
        )
    wording = {one.factor: one.wording for one in factors}
    return {"until": ask.open_until.isoformat(), "questions": questions_in(ask.language, ask.questions, wording)}


def questions_in(language: str, names: Iterable[str], wording: dict[str, str]) -> list[dict[str, Any]]:
    """These questions in a language, in the organisation's ``wording`` (question → words) where it is not empty."""
    with translation.override(language):
        asked = [question_of(name, wording.get(name, "")) for name in names]
    return [{"question": one.name, "text": one.text, "answers": list(one.answers)} for one in asked]


def questions_as_asked(ask: Ask) -> list[dict[str, Any]]:
    """The questions in the words in which they were asked when the conversation ended. One query."""
    requests = Entry.objects.filter(conversation_id=ask.conversation_id, kind=Entry.Kind.RATING_REQUESTED)
    payload = requests.order_by("-seq").values_list("payload", flat=True).first() or {}
    questions: list[dict[str, Any]] = payload.get("questions", [])
    return questions


def asks_by_mail(_organisation: OrganisationRef) -> bool:
    """Whether visitors who agreed to it are asked by mail. One query."""
    return ask_settings().mails


def way_of(ask: Ask, now: datetime) -> str:
    """By which way the widget shows the question now."""
    return Ask.Way.THREAD if now - ask.asked_at < SAME_VISIT else Ask.Way.NEXT_VISIT
