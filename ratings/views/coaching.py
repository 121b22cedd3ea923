"""What is said to an operator about their own work: their page, and the supervisors'."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.services.coaching import coach
from operators import coaching
from operators.coaching import MAX_CHARACTERS, coached_operators, coaching_of, coaching_written
from operators.reviews import note_review_seen, reviews_of
from ratings.models import Criterion
from ratings.reviews import own_review
from ratings.views.desk_pages import attempted, desk_page, for_supervisors, for_the_desk, taker_of
from tenants.context import in_organisation
from tenants.selectors import organisation_by_slug


class NoteForm(forms.Form):
    """To whom, what, and perhaps about which conversation."""

    operator = forms.UUIDField(label=_("To"))
    body = forms.CharField(label=_("What you want to say"), max_length=MAX_CHARACTERS)
    organisation = forms.SlugField(required=False)
    conversation = forms.UUIDField(required=False)


class AnswerForm(forms.Form):
    answer = forms.CharField(max_length=MAX_CHARACTERS)


@require_safe
@for_the_desk
def page(request: HttpRequest) -> HttpResponse:
    """The operator's own: notes and reviews. Two queries. Opening a note or a review marks it as read."""
    operator_id = taker_of(request).id
    context = {"notes": coaching_of(operator_id), "reviews": reviews_of(operator_id)}
    return desk_page(request, "quality/coaching.html", {**context, "max_characters": MAX_CHARACTERS})


@require_POST
@for_the_desk
def act(request: HttpRequest, note_id: UUID, action: str) -> HttpResponse:
    """``read`` or ``answer`` a note of one's own."""
    operator_id = taker_of(request).id
    if action == "read":
        coaching.mark_coaching_read(operator_id, note_id)
    elif action == "answer":
        form = AnswerForm(request.POST)
        if form.is_valid():
            answer = form.cleaned_data["answer"]
            attempted(request, lambda: coaching.answer_coaching(operator_id, note_id, answer))
    else:
        raise Http404
    return HttpResponseRedirect(f"{reverse('coaching')}#n-{note_id}")


@require_safe
@for_the_desk
def review(request: HttpRequest, slug: str, review_id: UUID) -> HttpResponse:
    """A done review of one's own conversation: score, marks and comment."""
    organisation = organisation_by_slug(slug)
    operator_id = taker_of(request).id
    shown = in_organisation(organisation, own_review, operator_id, review_id)
    note_review_seen(operator_id, review_id)
    rows = [(capfirst(Criterion(name).label), getattr(shown, name)) for name in Criterion.values]
    return desk_page(request, "quality/own_review.html", {"review": shown, "organisation": organisation, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@for_supervisors
def team(request: HttpRequest) -> HttpResponse:
    """Everything supervisors wrote, whether it was read, and the form for more. Two queries."""
    form = NoteForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        given = form.cleaned_data

        author = taker_of(request)
        about = (given["organisation"], given["conversation"])
        if attempted(request, lambda: coach(author.id, author.name, given["operator"], given["body"], *about)):
            messages.success(request, gettext("Written. Their desk tells them at once."))
            return HttpResponseRedirect(reverse("coaching-team"))
    asked: Any = request.POST if form is not None else request.GET
    context = {
        "notes": coaching_written(),
        "operators": coached_operators(),
        "asked": {name: asked.get(name, "") for name in ("operator", "organisation", "conversation", "body")},
        "errors": form.errors if form is not None else {},
        "max_characters": MAX_CHARACTERS,
    }
    return desk_page(request, "quality/team.html", context)
