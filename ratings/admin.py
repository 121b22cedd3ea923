"""The nightly reports and the marks, on the organisation's site. All of it read-only."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

import ratings.admin_asking
import ratings.admin_coverage
import ratings.admin_exports
import ratings.admin_follow_ups
import ratings.admin_overview
import ratings.admin_platform
import ratings.admin_statements
import ratings.admin_subscriptions
import ratings.admin_why  # noqa: F401 (they register their pages)
from ratings.charts import chart
from ratings.documents.building import report_document
from ratings.documents.files import FILES
from ratings.documents.words import heading, period_before, reading_notes
from ratings.factors import WORDING, answer_text
from ratings.models import Answer, Ask, Rating, Report
from ratings.overview import reported_days
from ratings.periods import span_of, title
from tenants.admin_crumbs import moment_text
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.headers import download_bytes
from tenants.period_filter import PeriodFilter
from tenants.shares import mean_text, share_text


@admin.register(Report, site=organisation_site)
class ReportPage(Page):
    """One row per day, week or month. A corrected one keeps its older versions, which its page lists; the list shows
    the current ones."""

    group = OrganisationSite.FIGURES
    icon = "monitoring"
    menu_title = _("reports")
    list_display = ["period", "conversations", "first_kept", "follow_kept", "response", "mean_mark"]
    list_display_links = ["period"]
    list_filter = [PeriodFilter]
    date_hierarchy = "starts_on"
    change_list_template = "ratings/report_list.html"
    change_form_template = "ratings/report.html"
    empty_text = _("The first report is built in the night after your first day with conversations.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(is_current=True)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Report | None:
        """Older versions have pages too, and no row in the list."""
        try:
            return Report.objects.filter(pk=object_id).first()
        except ValidationError:  # no id at all
            return None

    def title_of(self, obj: Report) -> str:
        return self.period(obj)

    @admin.display(description=_("period"), ordering="starts_on")
    def period(self, obj: Report) -> str:
        return title(span_of(obj.period_kind, obj.starts_on))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        organisation = request.organisation  # type: ignore[attr-defined]
        return super().changelist_view(request, {"reported": reported_days(organisation), **(extra_context or {})})

    @admin.display(description=_("first replies in time"))
    def first_kept(self, obj: Report) -> str:
        return share_text(obj.first_replies_kept, obj.first_replies)

    @admin.display(description=_("following replies in time"))
    def follow_kept(self, obj: Report) -> str:
        return share_text(obj.follow_ups_kept, obj.follow_ups)

    @admin.display(description=_("gave a mark"))
    def response(self, obj: Report) -> str:
        return share_text(obj.ratings_given, obj.ratings_asked)

    @admin.display(description=_("mean mark"))
    def mean_mark(self, obj: Report) -> str:
        return mean_text(obj.mark_sum, obj.ratings_given)

    def get_urls(self) -> list[URLPattern]:
        download_view = self.admin_site.admin_view(self.download_view)
        own = path("<uuid:report_id>/file.<slug:ending>", download_view, name="ratings_report_file")
        return [own, *super().get_urls()]

    def download_view(self, request: HttpRequest, report_id: UUID, ending: str) -> HttpResponse:
        """The report as a file, in the language of the page. Whoever may see the page may have it."""
        report = Report.objects.filter(pk=report_id).first()
        if report is None or ending not in FILES:
            raise Http404
        document = report_document(request.organisation, report)  # type: ignore[attr-defined]
        kind = FILES[ending]
        return download_bytes(kind.write(document), kind.content_type, f"{document.file_stem}.{ending}")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        report: Report = kwargs["obj"]
        versions = Report.objects.filter(period_kind=report.period_kind, starts_on=report.starts_on)
        context["report"] = report
        context["document"] = document = report_document(request.organisation, report)  # type: ignore[attr-defined]
        context["period_title"], context["before_title"] = heading(document), period_before(document)
        context["chart"] = chart(
            [one.starts_on for one in document.course], {one.starts_on: one for one in document.course}
        )
        context["notes"] = reading_notes(document)[1:]
        context["files"] = [(kind.label, ending) for ending, kind in FILES.items()]
        context["versions"] = versions.order_by("-version")
        context["promised"] = request.organisation  # type: ignore[attr-defined]
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Rating, site=organisation_site)
class RatingPage(Page):
    """What visitors thought, newest first."""

    group = OrganisationSite.FIGURES
    position = 1
    icon = "star"
    list_display = ["given_at", "mark", "comment_start"]
    list_display_links = ["given_at"]
    list_filter = ["mark"]
    date_hierarchy = "given_at"
    readonly_fields = ["answers", "way"]
    fields = ["mark", "comment", "answers", "way", "given_at", "changed_at", "conversation"]
    empty_text = _("After each conversation the visitor is asked for a mark from 1 to 10. The answers appear here.")
    show_full_result_count = False

    def title_of(self, obj: Rating) -> str:
        """When it was given, and the mark."""
        return f"{moment_text(obj.given_at)} · {obj.mark}"

    @admin.display(description=_("answers"))
    def answers(self, obj: Rating) -> str:
        """In the reader's language, in the shipped words."""
        given = Answer.objects.filter(ask__conversation=obj.conversation_id, question__in=WORDING).order_by("given_at")
        lines = ((WORDING[one.question], answer_text(one.question, one.value)) for one in given)
        return format_html_join("", "<p>{} <b>{}</b></p>", lines) or "–"

    @admin.display(description=_("way"))
    def way(self, obj: Rating) -> str:
        ask = Ask.objects.filter(conversation=obj.conversation_id).first()
        return ask.get_way_display() if ask and ask.way else "–"

    @admin.display(description=_("comment"))
    def comment_start(self, obj: Rating) -> str:
        return obj.comment[:120] + "…" if len(obj.comment) > 120 else obj.comment
