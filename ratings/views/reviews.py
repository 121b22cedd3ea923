"""Quality reviews on the desk's host: supervisors judge sampled conversations, reading them beside the form."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from operators.reviews import review_lines
from ratings.models import Criterion, QualityReview
from ratings.reviews import review_page
from ratings.services import reviewing
from ratings.services.reviewing import MAX_COMMENT, Judged
from ratings.views.desk_pages import attempted, desk_page, for_supervisors, taker_of
from tenants.clock import platform_now
from tenants.context import in_organisation
from tenants.selectors import organisation_by_slug

MARKS = [("", _("Not applicable")), *((str(mark), str(mark)) for mark in range(1, 6))]


class JudgingForm(forms.Form):
    """Each criterion from 1 to 5, or not applicable."""

    has_critical_error = forms.BooleanField(label=_("Critical error"), required=False)
    comment = forms.CharField(label=_("Comment for the operator"), max_length=MAX_COMMENT, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for criterion in Criterion.values:
            label = capfirst(Criterion(criterion).label)
            self.fields[criterion] = forms.TypedChoiceField(
                label=label, choices=MARKS, coerce=int, empty_value=None, required=False
            )

    def judged(self) -> Judged:
        given = self.cleaned_data
        return Judged(
            {name: given[name] for name in Criterion.values}, given["has_critical_error"], given["comment"].strip()
        )


@require_safe
@for_supervisors
def page(request: HttpRequest) -> HttpResponse:
    """What is to be reviewed, and what was. Three queries."""
    lines = review_lines()
    context = {
        "to_do": [line for line in lines if line.done_at is None],
        "done": [line for line in lines if line.done_at is not None],
    }
    return desk_page(request, "quality/reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_supervisors
def review(request: HttpRequest, slug: str, review_id: UUID) -> HttpResponse:
    """One conversation beside its form. ``keep``, ``finish`` and ``reopen`` are its buttons; ``keep`` is also sent by
    itself while the form is filled in."""
    organisation = organisation_by_slug(slug)
    shown = in_organisation(organisation, review_page, review_id)
    form = JudgingForm(request.POST) if request.method == "POST" else None
    if form is not None:
        taker = taker_of(request)
        done = False
        if "reopen" in request.POST:
            work = reviewing.reopen_review
            done = attempted(request, lambda: in_organisation(organisation, work, taker, review_id))
        elif form.is_valid():
            save = reviewing.finish_review if "finish" in request.POST else reviewing.save_review
            if "finish" in request.POST and reviewing.score_of(form.judged().marks) is None:
                messages.error(request, gettext("Judge at least one thing."))
            else:
                done = attempted(request, lambda: in_organisation(organisation, save, taker, review_id, form.judged()))
        if done:
            is_over = "finish" in request.POST
            return HttpResponseRedirect(reverse("reviews") if is_over else request.path)
    given = form.data if form is not None else None
    context = {
        "shown": shown,
        "organisation": organisation,
        "rows": [_row(shown.review, criterion, given) for criterion in Criterion.values],
        "comment": given.get("comment", "") if given is not None else shown.review.comment,
        "has_critical_error": "has_critical_error" in given if given is not None else shown.review.has_critical_error,
        "max_comment": MAX_COMMENT,
        "can_reopen": shown.review.done_at is not None
        and platform_now() - shown.review.done_at <= reviewing.REOPENABLE,
    }
    return desk_page(request, "quality/review.html", context)


def _row(shown: QualityReview, criterion: str, given: Any) -> dict[str, Any]:
    mark = getattr(shown, criterion)
    chosen = given.get(criterion, "") if given is not None else "" if mark is None else str(mark)
    label = capfirst(Criterion(criterion).label)
    return {"name": criterion, "label": label, "chosen": chosen, "marks": MARKS}
