"""What is missing, on the organisation's site: the gap list, and a page per gap from which a draft is made."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, DateField, F, Q, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from knowledgebase.admin_feedback import title_of
from knowledgebase.errors import UnlikeGaps
from knowledgebase.models import Article, Gap
from knowledgebase.selectors import alike_gaps, article_choices
from knowledgebase.services.articles import Editor
from knowledgebase.services.gap_answers import answer_with, take_article_off
from knowledgebase.services.gap_merging import merge_gap, merge_into_most_asked, standing_gap, take_out
from knowledgebase.services.gap_steps import (
    answers_by_likeness,
    assign_gap,
    bring_back_gap,
    dismiss_gap,
    draft_from_gap,
)
from knowledgebase.suggesting import suggest
from knowledgebase.validity import local_today
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.models import Membership
from tenants.selectors import managers_may_read

State = Gap.State
SHOWN_TURNS = 30
SHOWN_ANSWERS = 5
SHOWN_ARTICLES = 5
SHOWN_ALIKE = 5
WEEK = timedelta(days=7)


class AssignForm(forms.Form):
    """Who answers it, and by when."""

    owner = forms.ChoiceField(label=_("Who answers it"), required=False, widget=UnfoldAdminSelectWidget)
    answer_by = forms.DateField(
        label=_("By when"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d"),
    )

    def __init__(self, organisation: OrganisationRef, gap: Gap, data: Any = None) -> None:
        super().__init__(data, initial={"owner": str(gap.owner_id or ""), "answer_by": gap.answer_by})
        self.managers = _managers_of(organisation)
        if gap.owner_id:
            self.managers.setdefault(str(gap.owner_id), gap.owner_name)
        self.fields["owner"].choices = [("", "–"), *self.managers.items()]  # type: ignore[attr-defined]


class ArticleForm(forms.Form):
    """Which of all articles answers it, by title, live ones first."""

    article = forms.ChoiceField(label=_("All articles"), widget=UnfoldAdminSelectWidget)

    def __init__(self, organisation: OrganisationRef, language: str) -> None:
        super().__init__()
        order = [Article.State.LIVE.value, Article.State.TO_CHECK.value, Article.State.DRAFT.value]
        found = sorted(article_choices(organisation, language), key=lambda one: order.index(one.state))
        groups = [
            (Article.State(state).label, [(str(one.id), one.title) for one in articles])
            for state, articles in groupby(found, key=lambda one: one.state)
        ]
        self.fields["article"].choices = [("", "–"), *groups]  # type: ignore[attr-defined]


def _managers_of(organisation: OrganisationRef) -> dict[str, str]:
    rows = Membership.objects.filter(organisation_id=organisation.id, role=Membership.Role.MANAGER)
    return {str(id_): name for id_, name in rows.order_by("user__name").values_list("user_id", "user__name")}


class StandingFilter(admin.SimpleListFilter):
    """Without a choice: what is still to be answered."""

    title = _("state")
    parameter_name = "standing"
    EVERYTHING = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*State.choices, (self.EVERYTHING, _("all"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *others = super().choices(changelist)
        yield {**everything, "display": _("to be answered")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Gap]) -> QuerySet[Gap]:
        if self.value() is None:
            return queryset.filter(state__in=Gap.UNANSWERED)
        return queryset if self.value() == self.EVERYTHING else queryset.filter(state=self.value())


@admin.register(Gap, site=organisation_site)
class GapPage(Page):
    """Questions alike that no article answers: what operators flagged first, then what was asked most."""

    group = OrganisationSite.KNOWLEDGE
    position = 2
    icon = "contact_support"
    menu_title = _("gaps")
    list_display = ["question_start", "times", "trend", "flagged_times", "last_at", "state_shown", "owner_name", "due"]
    list_display_links = ["question_start"]
    list_filter = [StandingFilter, "language"]
    search_fields = ["question"]
    actions = ["merge_selected"]
    list_disable_select_all = True
    change_form_template = "admin/gap.html"
    empty_title = _("No gaps")
    empty_text = _(
        "What visitors ask and no article answers is gathered here by itself, alike questions together, with what"
        " operators answered in the end. One click makes a draft article of it."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        week_ago = platform_now() - WEEK
        return Gap.objects.annotate(
            today=Value(local_today(_organisation(request)), output_field=DateField()),
            flagged=Count("turns", filter=Q(turns__is_flagged=True)),
            recent=Count("turns", filter=Q(turns__at__gte=week_ago)),
            before=Count("turns", filter=Q(turns__at__gte=week_ago - WEEK, turns__at__lt=week_ago)),
        ).order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return ["-flagged", "-times", "-last_at"]

    def title_of(self, obj: Gap) -> str:
        return self.question_start(obj)

    @admin.display(description=_("question"), ordering="question")
    def question_start(self, obj: Gap) -> str:
        return obj.question[:120] + "…" if len(obj.question) > 120 else obj.question

    @admin.display(description=_("last 7 days"), ordering="recent")
    def trend(self, obj: Any) -> str:
        if not obj.recent and not obj.before:
            return "–"
        arrow = "↑" if obj.recent > obj.before else "↓" if obj.recent < obj.before else "→"
        counts = {"recent": obj.recent, "before": obj.before}
        return format_html(
            '<span class="gap-trend" role="img" aria-label="{0}" title="{0}">{1} {2}</span>',
            gettext("%(recent)s in the last 7 days, %(before)s in the 7 days before") % counts,
            obj.recent,
            arrow,
        )

    @admin.display(description=_("flagged"), ordering="flagged")
    def flagged_times(self, obj: Any) -> str:
        return str(obj.flagged or "–")

    @display(
        description=_("state"),
        ordering="state",
        label={
            State.OPEN: "warning",
            State.DRAFTED: "info",
            State.CLOSED: "success",
            State.DISMISSED: "default",
            State.MERGED: "default",
        },
    )
    def state_shown(self, obj: Gap) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @admin.display(description=_("to be answered by"), ordering=F("answer_by").asc(nulls_last=True))
    def due(self, obj: Any) -> str:
        if obj.answer_by is None:
            return "–"
        day = f"{obj.answer_by:%Y-%m-%d}"
        is_late = obj.state in Gap.UNANSWERED and obj.answer_by < obj.today
        return format_html('{} <span class="tag tag-broken">{}</span>', day, _("late")) if is_late else day

    def get_urls(self) -> list[URLPattern]:
        def own(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=f"knowledgebase_gap_{name}")

        return [
            own("merge", self.merge_view),
            own("take-out", self.take_out_view),
            own("answer", self.answer_view),
            own("take-article-off", self.take_article_off_view),
            own("draft", self.draft_view),
            own("assign", self.assign_view),
            own("dismiss", self.dismiss_view),
            own("bring-back", self.bring_back_view),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        gap: Gap = kwargs["obj"]
        turns = list(gap.turns.order_by("-is_flagged", "-at", "-id")[:SHOWN_TURNS])
        organisation, is_unanswered = _organisation(request), gap.state in Gap.UNANSWERED
        may_read = managers_may_read(organisation)
        if gap.state == State.OPEN:
            context.update(
                offered=suggest(organisation, gap.question, gap.language, SHOWN_ARTICLES),
                article_form=ArticleForm(organisation, gap.language),
            )
        if gap.state == State.MERGED:
            context.update(belongs_to=standing_gap(gap))
        context.update(
            gap=gap,
            article_title=title_of(gap.article) if gap.article else "",
            alike=alike_gaps(gap, SHOWN_ALIKE) if is_unanswered else [],
            merged=gap.merged.all(),
            turns=turns,
            may_read=may_read,
            more_turns=gap.times - len(turns),
            answers=answers_by_likeness([turn.answer for turn in turns], gap.language)[:SHOWN_ANSWERS]
            if may_read
            else [],
            assign_form=AssignForm(organisation, gap),
            is_unanswered=is_unanswered,
            is_late=gap.answer_by is not None and is_unanswered and gap.answer_by < local_today(organisation),
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def draft_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Makes the draft and opens it."""
        if request.method != "POST":
            return self._to_gap(object_id)
        article = _or_404(draft_from_gap, request, object_id)
        self.message_user(
            request, gettext("This draft is made of what visitors asked and operators answered."), messages.SUCCESS
        )
        return HttpResponseRedirect(
            reverse("admin:knowledgebase_article_change", args=[article.pk], current_app=self.admin_site.name)
        )

    def assign_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Saves owner and date."""
        gap = get_object_or_404(Gap, pk=_uuid(object_id))
        form = AssignForm(_organisation(request), gap, request.POST)
        if request.method == "POST" and form.is_valid():
            owner = form.cleaned_data["owner"]
            assign_gap(
                _organisation(request),
                gap.id,
                owner_id=UUID(owner) if owner else None,
                owner_name=form.managers.get(owner, ""),
                answer_by=form.cleaned_data["answer_by"],
                editor=_editor(request),
            )
            self.message_user(request, gettext("Saved."), messages.SUCCESS)
        elif request.method == "POST":
            self.message_user(request, gettext("Choose a manager and a date from the lists."), messages.ERROR)
        return self._to_gap(object_id)

    def dismiss_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Puts the gap aside; its page offers the way back."""
        if request.method == "POST":
            _or_404(dismiss_gap, request, object_id)
        return self._to_gap(object_id)

    def bring_back_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The way back."""
        if request.method == "POST":
            _or_404(bring_back_gap, request, object_id)
        return self._to_gap(object_id)

    @admin.action(description=_("Merge into the most asked one"), permissions=["view"])
    def merge_selected(self, request: HttpRequest, queryset: QuerySet[Gap]) -> HttpResponse | None:
        """All become one, whose page offers the way back."""
        gap_ids = list(queryset.values_list("pk", flat=True))
        try:
            into = merge_into_most_asked(_organisation(request), gap_ids, _editor(request))
        except UnlikeGaps as error:
            self.message_user(request, error.message, messages.ERROR)
            return None
        done = ngettext(
            "%(count)s gap was merged into this one. Below it can be taken out again.",
            "%(count)s gaps were merged into this one. Below they can be taken out again.",
            len(gap_ids) - 1,
        )
        self.message_user(request, done % {"count": len(gap_ids) - 1}, messages.SUCCESS)
        return self._to_gap(into.pk)

    def merge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The gap belongs to another one, which is opened; its page offers the way back."""
        if request.method != "POST":
            return self._to_gap(object_id)
        into_id = _uuid(request.POST.get("into", ""))
        try:
            into = merge_gap(_organisation(request), _uuid(object_id), into_id, _editor(request))
        except NotFound:
            raise Http404 from None
        except UnlikeGaps as error:
            self.message_user(request, error.message, messages.ERROR)
            return self._to_gap(object_id)
        self.message_user(request, gettext("Merged. Below it can be taken out again."), messages.SUCCESS)
        return self._to_gap(into.pk)

    def take_out_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The way back."""
        if request.method == "POST":
            _or_404(take_out, request, object_id)
            self.message_user(request, gettext("This gap stands on its own again."), messages.SUCCESS)
        return self._to_gap(object_id)

    def answer_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """An article that is there answers it; the gap's page offers the way back."""
        if request.method == "POST":
            article_id = _uuid(request.POST.get("article", ""))
            _or_404(
                lambda organisation, gap_id, by: answer_with(organisation, gap_id, article_id, by), request, object_id
            )
        return self._to_gap(object_id)

    def take_article_off_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The way back."""
        if request.method == "POST":
            _or_404(take_article_off, request, object_id)
        return self._to_gap(object_id)

    def _to_gap(self, object_id: str | UUID) -> HttpResponse:
        return HttpResponseRedirect(
            reverse("admin:knowledgebase_gap_change", args=[object_id], current_app=self.admin_site.name)
        )


def _or_404(step: Callable[[OrganisationRef, UUID, Editor], Any], request: HttpRequest, object_id: str) -> Any:
    try:
        return step(_organisation(request), _uuid(object_id), _editor(request))
    except NotFound:
        raise Http404 from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _organisation(request: HttpRequest) -> OrganisationRef:
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    return organisation


def _editor(request: HttpRequest) -> Editor:
    return Editor(request.user.pk, request.user.name)  # type: ignore[union-attr]
