"""The page on how far the organisation's knowledge reaches. Read-only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledgebase.models import Suggested
from ratings.coverage import columns_of, most_used, standing_now, weeks_until_now
from tenants.admin_crumbs import moment_text
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.shares import share_percent


@admin.register(Suggested, site=organisation_site)
class CoveragePage(Page):
    """One page made of many rows. What became of one turn's suggestions can be read as well."""

    group = OrganisationSite.KNOWLEDGE
    position = 4
    icon = "query_stats"
    menu_title = _("coverage")
    fields = ["language", "outcome", "article", "rank", "operator_name", "at"]

    def title_of(self, obj: Suggested) -> str:
        return moment_text(obj.at)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ten queries."""
        organisation = request.organisation  # type: ignore[attr-defined]
        weeks = weeks_until_now(organisation)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Coverage"),
            "weeks": weeks,
            "standing": standing_now(organisation),
            "articles": most_used(organisation),
            "covered": columns_of(
                weeks,
                lambda week: share_percent(week.with_article, week.conversations) if week.conversations else None,
                100,
            ),
            "uses": columns_of(weeks, lambda week: week.uses),
            "unanswered": columns_of(weeks, lambda week: week.unanswered),
            "helped": columns_of(
                weeks, lambda week: share_percent(week.helped, week.verdicts) if week.verdicts else None, 100
            ),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "ratings/coverage.html", context)
