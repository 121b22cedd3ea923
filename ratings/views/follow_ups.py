"""Follow-ups of all clients, on the desk's host: supervisors take them, note what was done, finish and undo."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from operators.follow_ups import FollowUpLine, follow_up_lines
from operators.models import FollowUpState
from ratings.follow_ups import follow_up_words
from ratings.models import FollowUp
from ratings.services import following_up
from ratings.views.desk_pages import attempted, desk_page, for_supervisors, taker_of
from tenants.clock import platform_now
from tenants.context import in_organisation
from tenants.selectors import organisation_by_slug


class FinishForm(forms.Form):
    """How it came out, and staff's words about it."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=FollowUp.Outcome.choices)
    note = forms.CharField(label=_("Note"), max_length=2000, required=False)


class NoteForm(forms.Form):
    note = forms.CharField(max_length=2000, required=False)


ACTIONS = {
    "take": following_up.take_follow_up,
    "put-back": following_up.put_back_follow_up,
    "reopen": following_up.reopen_follow_up,
}


@require_safe
@for_supervisors
def page(request: HttpRequest) -> HttpResponse:
    """The list. Three queries, and for each client that is in it two for the words."""
    lines = follow_up_lines()
    now = platform_now()
    words: dict[UUID, tuple[str, str]] = {}
    for slug in {line.organisation for line in lines}:
        words |= in_organisation(
            organisation_by_slug(slug), follow_up_words, [one.id for one in lines if one.organisation == slug]
        )
    rows = [_row(line, words.get(line.id, ("", "")), now, taker_of(request).id) for line in lines]
    context = {
        "open": [row for row in rows if row["line"].state != FollowUpState.DONE],
        "done": [row for row in rows if row["line"].state == FollowUpState.DONE],
        "outcomes": FollowUp.Outcome.choices,
    }
    return desk_page(request, "quality/follow_ups.html", context)


def _row(line: FollowUpLine, words: tuple[str, str], now: Any, reader: Any) -> dict[str, Any]:
    note, outcome = words
    return {
        "line": line,
        "note": note,
        "outcome": FollowUp.Outcome(outcome).label if outcome else "",
        "minutes": round((line.due_at - now).total_seconds() / 60),
        "is_mine": line.taken_by == reader,
        "is_others": line.taken_by not in (None, reader),
    }


@require_POST
@for_supervisors
def act(request: HttpRequest, slug: str, follow_up_id: UUID, action: str) -> HttpResponse:
    """One step. Raises Http404 for what is not there."""
    organisation, taker = organisation_by_slug(slug), taker_of(request)
    if action in ACTIONS:
        attempted(request, lambda: in_organisation(organisation, ACTIONS[action], taker, follow_up_id))
    elif action == "note":
        form = NoteForm(request.POST)
        if form.is_valid():
            note = form.cleaned_data["note"]
            work = following_up.note_on_follow_up
            attempted(request, lambda: in_organisation(organisation, work, taker, follow_up_id, note))
    elif action == "finish":
        finish = FinishForm(request.POST)
        if not finish.is_valid():
            messages.error(request, gettext("Say how it came out."))
        else:
            chosen = (finish.cleaned_data["outcome"], finish.cleaned_data["note"])
            done = following_up.finish_follow_up
            attempted(request, lambda: in_organisation(organisation, done, taker, follow_up_id, *chosen))
    else:
        raise Http404
    return HttpResponseRedirect(f"{reverse('follow-ups')}#f-{follow_up_id}")
