"""Follow-ups and quality on the organisation's site: managers take and finish follow-ups, choose when there is one, and
see how reviews came out."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ratings.models import Criterion, FollowUp, FollowUpSettings, QualityReview
from ratings.reviews import months_of_reviews
from ratings.services import following_up
from ratings.services.following_up import Taker
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound, ServiceError

STEPS: dict[str, Callable[..., None]] = {
    "take": following_up.take_follow_up,
    "put_back": following_up.put_back_follow_up,
    "reopen": following_up.reopen_follow_up,
}


class LateFilter(admin.SimpleListFilter):
    """Done after its time, or not done and past it."""

    title = _("in time")
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("late")), ("no", _("in time"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
        late = Q(done_at__gt=F("due_at")) | Q(done_at__isnull=True, due_at__lt=platform_now())
        if self.value() == "yes":
            return queryset.filter(late)
        return queryset.exclude(late) if self.value() == "no" else queryset


@admin.register(FollowUp, site=organisation_site)
class FollowUpPage(Page):
    """Visitors who left unhappy, the most urgent first. The page of each has its steps; they are audited."""

    group = OrganisationSite.FIGURES
    position = 1
    icon = "undo"
    list_display = ["shown_reason", "shown_due", "shown_state", "taken_by_name", "outcome"]
    list_display_links = ["shown_reason"]
    list_filter = ["state", "reason", LateFilter]
    date_hierarchy = "created_at"
    ordering = ["done_at", "due_at"]
    change_form_template = "ratings/follow_up.html"
    empty_text = _(
        "When a visitor gives a low mark, or a conversation ends with an angry visitor, somebody should come back to"
        " them within the hour. It appears here, and you are told by mail."
    )

    def get_ordering(self, request: HttpRequest) -> Any:
        return [F("done_at").desc(nulls_first=True), "due_at"]

    @admin.display(description=_("reason"), ordering="mark")
    def shown_reason(self, obj: FollowUp) -> str:
        if obj.reason == "low_mark":
            return capfirst(gettext("a mark of %(mark)s") % {"mark": obj.mark})
        return capfirst(obj.get_reason_display())

    def title_of(self, obj: FollowUp) -> str:
        return self.shown_reason(obj)

    @display(description=_("state"), ordering="state", label={"open": "warning", "taken": "info", "done": "success"})
    def shown_state(self, obj: FollowUp) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=_("due"), ordering="due_at", label={"late": "danger", "": ""})
    def shown_due(self, obj: FollowUp) -> tuple[str, str]:
        due = date_format(timezone.localtime(obj.due_at), gettext("j F, H:i"))
        if is_late(obj):
            return "late", gettext("%(due)s, late") % {"due": due}
        return "", due

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page and its steps. Two queries to show it."""
        try:
            follow_up = FollowUp.objects.select_related("conversation").filter(pk=object_id).first()
        except ValidationError:  # no id at all
            follow_up = None
        if follow_up is None:
            raise Http404
        if request.method == "POST":
            self._step(request, follow_up)
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": self.shown_reason(follow_up),
            "follow_up": follow_up,
            "is_late": is_late(follow_up),
            "is_mine": follow_up.taken_by == request.user.pk,
            "outcomes": FollowUp.Outcome.choices,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.change_form_template, context)

    def _step(self, request: HttpRequest, follow_up: FollowUp) -> None:
        organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
        manager = Taker(request.user.pk, request.user.name)  # type: ignore[union-attr, arg-type]
        posted = request.POST
        note = posted.get("note", "").strip()[:2000].replace("\x00", "")
        step = posted.get("step", "")
        try:
            if step in STEPS:
                STEPS[step](organisation, manager, follow_up.pk)
            elif step == "note":
                following_up.note_on_follow_up(organisation, manager, follow_up.pk, note)
            elif step == "finish":
                following_up.finish_follow_up(organisation, manager, follow_up.pk, posted.get("outcome", ""), note)
            else:
                return
        except NotFound as error:
            raise Http404 from error
        except ServiceError as error:
            self.message_user(request, str(error.message), messages.ERROR)
            return
        self.message_user(request, gettext("Saved."), messages.SUCCESS)


def is_late(follow_up: FollowUp) -> bool:
    """Done after its time, or not done and past it."""
    return (follow_up.done_at or platform_now()) > follow_up.due_at


@admin.register(FollowUpSettings, site=organisation_site)
class FollowUpSettingsPage(Page):
    """One row, so the list goes straight to it."""

    group = OrganisationSite.SETTINGS
    position = 8
    icon = "notifications_active"
    is_one_row = True
    can_change = True
    fields = ["threshold", "minutes", "mails"]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> FollowUpSettings | None:
        stored: FollowUpSettings | None = super().get_object(request, object_id, from_field)
        return FollowUpSettings() if stored is None and object_id == "1" else stored

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        address = reverse("admin:ratings_followupsettings_change", args=[1], current_app=self.admin_site.name)
        return HttpResponseRedirect(address)


@admin.register(QualityReview, site=organisation_site)
class QualityReviewPage(Page):
    """Months, and nothing of a single review: whose work it was is between the operator and the supervisors."""

    group = OrganisationSite.FIGURES
    position = 2
    icon = "fact_check"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> None:
        return None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One query."""
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Quality reviews"),
            "months": [
                (month, [(Criterion(name).label, mean) for name, mean in month.criteria.items()])
                for month in months_of_reviews(request.organisation)  # type: ignore[attr-defined]
            ],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "ratings/quality_reviews.html", context)
