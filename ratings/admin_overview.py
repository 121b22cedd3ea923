"""The client's front page and what is behind its numbers, on the organisation's site. All of it read-only."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from ratings.behind import NUMBERS, PAGE_ROWS, WHY_UNTOLD, Row, can_tell, count_behind, page_behind
from ratings.documents.building import GOALS
from ratings.filters import Filters, filters_of
from ratings.overview import overview
from tenants.admin_site import SitePage, organisation_site
from tenants.context import OrganisationRef


def front_page(request: HttpRequest) -> dict[str, Any]:
    """What the organisation's front page shows beside the menu."""
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    filters = filters_of(organisation, request.GET.dict())
    return {
        "title": gettext("How your visitors were served"),
        "filters": filters,
        "overview": overview(organisation, filters.selection, filters.compare),
        "promised": organisation,
        "response_goal": GOALS["ratings_response"],
        "mark_goal": GOALS["mean_mark"],
    }


def behind_view(request: HttpRequest) -> HttpResponse:
    """The rows that a number counts. 404 for a number that does not exist."""
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    name = request.GET.get("number", "conversations")
    if name not in NUMBERS:
        raise Http404
    filters = filters_of(organisation, request.GET.dict())
    number, is_told = NUMBERS[name], can_tell(name, filters.selection)
    count = count_behind(organisation, filters.selection, name) if is_told else 0
    pages = max(1, -(-count // PAGE_ROWS))
    page = min(_page(request.GET.get("page", "")), pages)
    context = {
        **organisation_site.each_context(request),
        "title": number.label,
        "filters": filters,
        "name": name,
        "kind": number.kind,
        "count": count,
        "page": page,
        "pages": pages,
        "rows": [_named(row, filters) for row in page_behind(organisation, filters.selection, name, page)]
        if is_told
        else [],
        "untold": "" if is_told else WHY_UNTOLD[number.kind],
    }
    return TemplateResponse(request, "ratings/behind.html", context)


def _named(row: Row, filters: Filters) -> Row:
    """The same row in people's words: what websites, languages and topics are called."""
    return replace(
        row,
        website=filters.label("website", row.website),
        language=filters.label("language", row.language),
        topic=filters.label("topic", row.topic),
    )


def _page(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


organisation_site.index_context = front_page
organisation_site.add_page(SitePage(route="overview/behind/", name="overview_behind", view=behind_view))
