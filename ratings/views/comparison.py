"""How operators were marked beside each other, one client at a time, on the desk's host. For supervisors alone."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from operators.access import SUPERVISOR
from ratings.analysis import Estimate, FairComparison, MarkSummary
from ratings.fairness import Compared, Comparison, operators_compared
from ratings.selection import Selection
from ratings.selectors import local_today
from ratings.why.pictures import axis_around_nought, dot
from ratings.why.rows import Chart, Row, Unsaid, decimals_of, ticks_of
from ratings.why.words import interval_text, mean_of_summary, reason_text, rounded, signed, signed_interval
from tenants.access import request_roles
from tenants.context import OrganisationRef, in_organisation
from tenants.models import Organisation
from tenants.selectors import active_organisations
from tenants.views import ACCOUNT_PAGE_POLICY

DAYS = (30, 90, 180, 365)
USUAL_DAYS = 90


@require_safe
@cache_control(private=True, no_store=True)
def page(request: HttpRequest) -> HttpResponse:
    """The chosen client's operators over its last whole days, for supervisors; whoever else is logged in finds nothing.
    About a second for 20,000 ratings."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if SUPERVISOR not in request_roles(request):
        raise Http404
    clients = [one for one in active_organisations() if one.kind == Organisation.Kind.CLIENT]
    client = next((one for one in clients if one.slug == request.GET.get("client")), clients[0] if clients else None)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else USUAL_DAYS
    context: dict[str, Any] = {"clients": clients, "client": client, "days": days, "choices": DAYS}
    if client is not None:
        selection = _last_days(client, days)
        comparison = in_organisation(client, operators_compared, selection)
        context |= {"selection": selection, "comparison": comparison, **_shown(comparison)}
    response = render(request, "quality/comparison.html", context)
    response["Content-Security-Policy"] = ACCOUNT_PAGE_POLICY
    return response


def _last_days(client: OrganisationRef, days: int) -> Selection:
    today = local_today(client.time_zone)
    return Selection(first=today - timedelta(days=days), last=today - timedelta(days=1))


def _shown(comparison: Comparison) -> dict[str, Any]:
    told = [(one, one.beside) for one in comparison.operators if isinstance(one.beside, FairComparison)]
    axis = axis_around_nought([beside.difference.interval for _one, beside in told])
    rows = [
        Row(
            label=one.name,
            note=_marks_text(one),
            dot=dot(axis, beside.difference.value, beside.difference.interval),
            value=signed(beside.difference.value),
            interval=signed_interval(beside.difference.interval),
            n=beside.difference.n,
            is_named=beside.is_different,
        )
        for one, beside in told
    ]
    marks = comparison.marks
    return {
        "chart": Chart(
            title=gettext("Marks beside those of others for the same purposes"),
            rows=rows,
            ticks=ticks_of(axis, decimals_of(axis), is_signed=True),
            reference=axis.place(0.0),
        ),
        "mean": mean_of_summary(marks) if isinstance(marks, MarkSummary) else "",
        "mean_interval": interval_text(marks.mean.interval) if isinstance(marks, MarkSummary) else "",
        "unsaid": [
            Unsaid(label=capfirst(one.name), reason=reason_text(one.beside))
            for one in comparison.operators
            if not isinstance(one.beside, FairComparison)
        ],
    }


def _marks_text(one: Compared) -> str:
    """The mean behind the difference."""
    if not isinstance(one.marks, Estimate):
        return ""
    mean = {"mean": rounded(one.marks.value), "interval": interval_text(one.marks.interval), "n": one.marks.n}
    return gettext("mean mark %(mean)s (95%%: %(interval)s; n = %(n)s)") % mean
