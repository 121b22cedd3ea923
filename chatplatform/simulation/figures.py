"""What a simulated day came to, read from the rows the platform left behind: promises, assignments, conversations."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from chatplatform.simulation.clock import moment
from chatplatform.simulation.model import HOUR, Day
from chatplatform.simulation.run import Lived
from chatplatform.simulation.summary import (
    Stretch,
    TurnRow,
    highest_share,
    in_two_hands,
    per_hour,
    spread,
    waits,
)
from conversations.models import Conversation, Promise
from operators.models import Assignment
from tenants.context import OrganisationRef, in_organisation
from tenants.selectors import active_organisations


@dataclass(frozen=True, slots=True)
class _Rows:
    turns: list[TurnRow]
    conversations: int
    untaken: int
    in_their_language: int
    unanswered: int
    still_open: int


def figures_of(day: Day, lived: Lived, ended_at: float) -> dict[str, Any]:
    """Everything the table shows, and a little more, for programs. Two queries per organisation, one for the desk."""
    stretches = _stretches(ended_at)
    taken = {stretch.conversation_id for stretch in stretches}
    spoken = {roster.id: roster.languages for roster in day.rosters}
    rows = [in_organisation(one, _read, taken, spoken, ended_at) for one in active_organisations()]
    turns = [turn for each in rows for turn in each.turns]
    hours = {roster.id: lived.work[roster.number].available / HOUR for roster in day.rosters}
    busy = {roster.id: lived.work[roster.number].busy / 60 for roster in day.rosters}
    ends = Counter(stretch.end for stretch in stretches)
    first, follow_up = waits(turns, Promise.Kind.FIRST), waits(turns, Promise.Kind.FOLLOW_UP)
    per_operator: Counter[UUID] = Counter(stretch.operator_id for stretch in stretches)
    return {
        "conversations": sum(each.conversations for each in rows),
        "expected": sum(talk.is_said for talk in lived.talks),
        "turned_away": lived.turned_away,
        "first": {**asdict(first), "kept_share": first.kept_share},
        "follow_up": {**asdict(follow_up), "kept_share": follow_up.kept_share},
        "spread_taken": spread(per_hour({key: float(value) for key, value in per_operator.items()}, hours)),
        "spread_busy": spread(per_hour(busy, hours)),
        "busy_share": sum(busy.values()) / 60 / sum(hours.values()) if any(hours.values()) else None,
        "in_their_language": sum(each.in_their_language for each in rows) / max(1, len(taken)),
        "reoffered_silent": ends[Assignment.End.SILENT],
        "reoffered_gone": ends[Assignment.End.GONE],
        "interrupted_replies": lived.interrupted_replies,
        "nobody_took": sum(each.untaken for each in rows),
        "nobody_answered": sum(each.unanswered for each in rows),
        "still_open": sum(each.still_open for each in rows),
        "highest_load": highest_share(stretches, {roster.id: roster.capacity for roster in day.rosters}),
        "in_two_hands": in_two_hands(stretches),
        "sweeps": lived.sweeps,
    }


def _stretches(ended_at: float) -> list[Stretch]:
    start = moment(0)
    rows = Assignment.objects.values_list("conversation_id", "operator_id", "started_at", "ended_at", "weight", "end")
    return [
        Stretch(
            conversation_id,
            operator_id,
            (started - start).total_seconds(),
            (ended - start).total_seconds() if ended else ended_at,
            weight,
            end,
        )
        for conversation_id, operator_id, started, ended, weight, end in rows
    ]


def _read(
    _organisation: OrganisationRef, taken: set[UUID], spoken: dict[UUID, tuple[str, ...]], ended_at: float
) -> _Rows:
    end = moment(ended_at)
    conversations = list(Conversation.objects.values_list("id", "state", "first_replied_at", "language", "operator_id"))
    turns = Promise.objects.values_list("kind", "outcome", "waited_seconds", "opened_at", "settled_at")
    return _Rows(
        turns=[
            TurnRow(kind, outcome, waited if waited is not None else ((settled or end) - opened).total_seconds())
            for kind, outcome, waited, opened, settled in turns
        ],
        conversations=len(conversations),
        untaken=sum(id_ not in taken for id_, *_ in conversations),
        in_their_language=sum(language in spoken.get(who, ()) for *_, language, who in conversations if who),
        unanswered=sum(replied is None for _, _, replied, *_ in conversations),
        still_open=sum(state != Conversation.State.CLOSED for _, state, *_ in conversations),
    )
