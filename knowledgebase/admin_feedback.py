"""What was said of articles, on the organisation's site: read it, see to the article, settle it."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from knowledgebase.models import Article, Feedback
from knowledgebase.services.articles import Editor
from knowledgebase.services.feedback import FOR_THE_OWNER, reopen_feedback, settle_feedback
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.context import OrganisationRef
from tenants.errors import NotFound


class WhatFilter(admin.SimpleListFilter):
    """Without a choice: what operators said and nobody has settled."""

    title = _("what")
    parameter_name = "what"
    SETTLED, FROM_VISITORS = "settled", "visitors"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(self.SETTLED, _("settled")), (self.FROM_VISITORS, _("what visitors said"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *others = super().choices(changelist)
        yield {**everything, "display": _("to be settled")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        if self.value() == self.FROM_VISITORS:
            return queryset.exclude(kind__in=FOR_THE_OWNER)
        return queryset.filter(kind__in=FOR_THE_OWNER, settled_at__isnull=self.value() != self.SETTLED)


@admin.register(Feedback, site=organisation_site)
class FeedbackPage(Page):
    """Operators' reports first; visitors' verdicts are counted on the page of coverage."""

    group = OrganisationSite.KNOWLEDGE
    position = 3
    icon = "rate_review"
    menu_title = _("feedback")
    list_display = ["article_title", "kind_shown", "note_start", "said_by", "at", "settled_by"]
    list_display_links = ["article_title"]
    list_filter = [WhatFilter, "kind"]
    search_fields = ["note", "article__texts__title"]
    change_form_template = "admin/feedback.html"
    empty_title = _("Nothing to settle")
    empty_text = _(
        "When an operator finds that an article is wrong, outdated or incomplete, its owner gets a mail, and the report"
        " waits here until somebody has seen to it."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("article").prefetch_related("article__texts")

    @admin.display(description=_("article"))
    def article_title(self, obj: Feedback) -> str:
        return title_of(obj.article)

    @display(
        description=_("kind"),
        ordering="kind",
        label={
            Feedback.Kind.WRONG: "danger",
            Feedback.Kind.OUTDATED: "warning",
            Feedback.Kind.INCOMPLETE: "info",
            Feedback.Kind.HELPED: "success",
            Feedback.Kind.DID_NOT_HELP: "default",
        },
    )
    def kind_shown(self, obj: Feedback) -> tuple[str, str]:
        return obj.kind, obj.get_kind_display()

    @admin.display(description=_("note"))
    def note_start(self, obj: Feedback) -> str:
        return (obj.note[:120] + "…" if len(obj.note) > 120 else obj.note) or "–"

    @admin.display(description=_("by"))
    def said_by(self, obj: Feedback) -> Any:
        return obj.operator_name or _("a visitor")

    def title_of(self, obj: Feedback) -> str:
        return self.article_title(obj)

    def get_urls(self) -> list[URLPattern]:
        def own(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(
                f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=f"knowledgebase_feedback_{name}"
            )

        return [own("settle", self.settle_view), own("reopen", self.reopen_view), *super().get_urls()]

    def settle_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Somebody has seen to it; the page offers the way back."""
        return self._move(request, object_id, settle_feedback)

    def reopen_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The way back."""
        return self._move(request, object_id, reopen_feedback)

    def _move(
        self, request: HttpRequest, object_id: str, step: Callable[[OrganisationRef, Editor, UUID], Feedback]
    ) -> HttpResponse:
        if request.method == "POST":
            try:
                step(request.organisation, Editor(request.user.pk, request.user.name), UUID(object_id))  # type: ignore[attr-defined, union-attr]
            except (NotFound, ValueError):
                raise Http404 from None
        return HttpResponseRedirect(
            reverse("admin:knowledgebase_feedback_change", args=[object_id], current_app=self.admin_site.name)
        )

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        feedback: Feedback = kwargs["obj"]
        context.update(
            feedback=feedback,
            article_title=title_of(feedback.article),
            is_for_owner=feedback.kind in FOR_THE_OWNER,
            is_of_older_version=feedback.version < feedback.article.version,
        )
        return super().render_change_form(request, context, *args, **kwargs)


def title_of(article: Article) -> str:
    """In the first language there is; no query when the texts were prefetched."""
    texts = sorted(article.texts.all(), key=lambda text: text.language)
    return texts[0].title if texts else article.slug
