"""Statements on both admin sites: platform administrators lock and correct them, managers read their own locked."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from operators.models import Statement
from ratings.documents.statement import FILES, duration_text, kind_text, statement_document, written
from ratings.services.statements import LONGEST_REASON, correct_statement, is_over, lock_statement
from tenants.admin_site import OrganisationSite, Page, PlatformSite, organisation_site, platform_site
from tenants.context import in_organisation
from tenants.errors import ServiceError
from tenants.headers import download_bytes
from tenants.selectors import organisation_ref
from tenants.services import record_audit


class StatementRows(Page):
    """What both sites show of them. A download is audited: it leaves the house."""

    icon = "request_quote"
    menu_title = _("statements")
    change_form_template = "ratings/statement.html"
    list_select_related = ["organisation"]
    date_hierarchy = "month"

    def title_of(self, obj: Statement) -> str:
        return f"{self.month_shown(obj)} · {obj.organisation}"

    @display(description=_("month"), ordering="month")
    def month_shown(self, obj: Statement) -> str:
        return capfirst(date_format(obj.month, "YEAR_MONTH_FORMAT"))

    @display(description=_("conversations"))
    def conversations(self, obj: Statement) -> int:
        return statement_document(obj).total.conversations

    @display(description=_("handled (h:mm:ss)"))
    def handled(self, obj: Statement) -> str:
        return duration_text(statement_document(obj).total.seconds)

    @display(description=_("in hours"))
    def in_hours(self, obj: Statement) -> str:
        return statement_document(obj).in_hours_text

    @display(description=_("checksum"))
    def checksum_start(self, obj: Statement) -> str:
        return f"{obj.checksum[:12]}…"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download_view)
        return [
            path("<uuid:statement_id>/file.<slug:ending>", view, name="operators_statement_file"),
            *super().get_urls(),
        ]

    def statement_or_404(self, request: HttpRequest, statement_id: UUID | str) -> Statement:
        try:
            found = self.get_queryset(request).select_related("organisation").filter(pk=statement_id).first()
        except ValidationError:  # no id at all
            found = None
        if found is None:
            raise Http404
        return found

    def download_view(self, request: HttpRequest, statement_id: UUID, ending: str) -> HttpResponse:
        """The statement as a file, in the language of the page. Whoever may see the page may have it."""
        statement = self.statement_or_404(request, statement_id)
        if ending not in FILES:
            raise Http404
        document = statement_document(statement)
        content = written(document, ending)
        record_audit(statement.organisation_id, request.user.pk, "statement.downloaded", str(statement.pk))
        return download_bytes(content, FILES[ending].content_type, f"{document.file_stem}.{ending}")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        statement: Statement = kwargs["obj"]
        versions = self.get_queryset(request).filter(organisation=statement.organisation, month=statement.month)
        document = statement_document(statement)
        context["statement"], context["document"] = statement, document
        context["lines"] = [(capfirst(kind_text(line.kind)), line) for line in (*document.lines, document.total)]
        context["longest"] = max([1, *(line.seconds for line in document.lines)])
        context["files"] = [(kind.label, ending) for ending, kind in FILES.items()]
        context["versions"] = versions = list(versions.order_by("-version"))
        context["is_newest"] = versions[0].pk == statement.pk
        context["longest_reason"] = LONGEST_REASON
        context["is_platform"] = self.admin_site is platform_site
        context["is_over"] = is_over(organisation_ref(statement.organisation), statement)
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Statement, site=platform_site)
class PlatformStatementPage(StatementRows):
    """Every client's months. A draft is counted anew each night; a locked one is final."""

    group = PlatformSite.CLIENTS
    position = 3
    list_display = [
        "month_shown", "organisation", "version", "state_shown", "conversations", "handled", "in_hours",
        "checksum_start",
    ]  # fmt: skip
    list_filter = ["state", "organisation"]
    empty_text = _("Each night the running month and the one before are counted for every client. They appear here.")

    @display(description=_("state"), ordering="state", label={"draft": "warning", "locked": "success"})
    def state_shown(self, obj: Statement) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        def guarded(route: str, view: Any) -> URLPattern:
            return path(
                f"<uuid:statement_id>/{route}/", self.admin_site.admin_view(view), name=f"operators_statement_{route}"
            )

        return [guarded("lock", self.lock_view), guarded("correct", self.correct_view), *super().get_urls()]

    def lock_view(self, request: HttpRequest, statement_id: UUID) -> HttpResponse:
        """Locks the draft as its page showed it, by the checksum that stood there."""
        statement = self.statement_or_404(request, statement_id)
        organisation = organisation_ref(statement.organisation)
        if request.method == "POST":
            try:
                lock_statement(
                    organisation,
                    statement.pk,
                    actor=request.user,  # type: ignore[arg-type]
                    checksum=request.POST.get("checksum", ""),
                )
                messages.success(request, gettext("The statement is locked and can no longer change."))
            except ServiceError as refusal:
                messages.error(request, str(refusal.message))
        return _to(statement.pk)

    def correct_view(self, request: HttpRequest, statement_id: UUID) -> HttpResponse:
        """Begins a new version beside the newest locked one."""
        statement = self.statement_or_404(request, statement_id)
        if request.method != "POST":
            return _to(statement.pk)
        organisation = organisation_ref(statement.organisation)
        try:
            made = in_organisation(
                organisation,
                correct_statement,
                statement.pk,
                actor=request.user,  # type: ignore[arg-type]
                reason=request.POST.get("reason", ""),
                hours_as_now=request.POST.get("hours") == "now",
            )
        except ServiceError as refusal:
            messages.error(request, str(refusal.message))
            return _to(statement.pk)
        messages.success(request, gettext("This is the new version. It is a draft until you lock it."))
        return _to(made.pk)


@admin.register(Statement, site=organisation_site)
class OwnStatementPage(StatementRows):
    """A client's own, once they are locked."""

    group = OrganisationSite.FIGURES
    position = 3
    list_display = ["month_shown", "version", "conversations", "handled", "in_hours", "checksum_start", "locked_at"]
    empty_text = _(
        "When a month is over and checked, its statement appears here: conversations and handled time, per kind, in and"
        " out of your hours."
    )

    def title_of(self, obj: Statement) -> str:
        return self.month_shown(obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Statement]:
        own = super().get_queryset(request).filter(organisation_id=request.organisation.id)  # type: ignore[attr-defined]
        return own.filter(state=Statement.State.LOCKED)


def _to(statement_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:operators_statement_change", args=[statement_id]))
