"""Articles on the organisation's site: the list, and one page to write, check, publish and look back on each."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.db import transaction
from django.db.models import DateField, Q, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from knowledgebase.article_forms import ArticleForms, article_forms
from knowledgebase.article_reading import VALIDITY, changes_shown, learned_questions, previews_of, quotable, title_of
from knowledgebase.content import MAX_SHORT_REPLY, Content, content_of
from knowledgebase.errors import UnsuitableArticle, UnsuitableDocument
from knowledgebase.models import Article
from knowledgebase.selectors import versions_of
from knowledgebase.services.articles import (
    Editor,
    publish,
    restore_version,
    retire,
    return_to_version,
    save_article,
    send_back,
    submit_for_check,
)
from knowledgebase.services.documents import KEPT, open_document, remove_document, store_document
from knowledgebase.services.learning import accept_variant, reject_variant
from knowledgebase.validity import Validity, local_today, overdue_on, validity_on
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.context import OrganisationRef
from tenants.errors import NotFound, ServiceError
from tenants.headers import download

State = Article.State
STEPS = {"publish": publish, "check": submit_for_check, "back": send_back, "retire": retire}
DONE = {
    "saved": _("Saved."),
    "publish": _("Live: it is suggested from now on."),
    "check": _("Sent for checking."),
    "back": _("A draft again."),
    "retire": _("Retired: it is suggested no longer."),
    "restored": _("The earlier version is back."),
    "undone": _("Undone."),
}


class Attention(SimpleListFilter):
    """What a manager should look at."""

    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("review overdue")), ("expired", _("expired")), ("unowned", _("without owner"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        current = queryset.exclude(state=State.RETIRED)
        match self.value():
            case "overdue":
                return current.filter(overdue_on(local_today(_organisation(request))))
            case "expired":
                return current.filter(valid_until__lt=local_today(_organisation(request)))
            case "unowned":
                return current.filter(owner_id=None)
            case _:
                return queryset


class InLanguage(SimpleListFilter):
    """Articles that have, or lack, one of the organisation's languages."""

    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        lacking = gettext("without %(language)s")
        languages = _organisation(request).languages
        return [
            *((code, code) for code in languages),
            *((f"-{code}", lacking % {"language": code}) for code in languages if len(languages) > 1),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        has = Q(pk__in=Article.objects.filter(texts__language=value.lstrip("-")).values("pk"))
        return queryset.filter(~has if value.startswith("-") else has)


@admin.register(Article, site=organisation_site)
class ArticlePage(Page):
    """What operators are offered as an answer, and what visitors find by themselves."""

    group = OrganisationSite.KNOWLEDGE
    icon = "menu_book"
    can_add = can_change = True
    list_display = ["title_shown", "state_shown", "validity_shown", "languages_shown", "topic", "owner", "uses"]
    list_filter = ["state", Attention, InLanguage, "audience", "topic"]
    search_fields = ["slug", "texts__title", "texts__short_reply", "variants__text"]
    search_help_text = _("Title, short reply, a visitor's question")
    ordering = ["-changed_at"]
    list_select_related = ["topic", "signal"]
    empty_title = _("Your first article")
    empty_text = _(
        "Think of the question that visitors ask most. Write it down, and the answer as you would give it: operators"
        " get it under their hand the moment somebody asks. Each use teaches it other ways of asking."
    )

    def get_urls(self) -> list[URLPattern]:
        def own(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"knowledgebase_article_{name}")

        return [
            own("preview/", self.preview_view, "preview"),
            own("<path:object_id>/documents/", self.documents_view, "documents"),
            own("<path:object_id>/versions/", self.versions_view, "versions"),
            own("<path:object_id>/return/", self.return_view, "return"),
            own("<path:object_id>/question/", self.question_view, "question"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        organisation = _organisation(request)
        today = Value(local_today(organisation), output_field=DateField())
        languages = Value(",".join(organisation.languages))
        return super().get_queryset(request).annotate(today=today, spoken=languages).prefetch_related("texts")

    def title_of(self, obj: Any) -> str:
        return self.title_shown(obj)

    @admin.display(description=_("title"), ordering="slug")
    def title_shown(self, obj: Any) -> str:
        return title_of(obj, tuple(obj.spoken.split(",")))

    @display(
        description=_("state"),
        ordering="state",
        label={State.DRAFT: "default", State.TO_CHECK: "warning", State.LIVE: "success", State.RETIRED: "default"},
    )
    def state_shown(self, obj: Article) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=_("valid"), label={Validity.NOT_YET: "info", Validity.EXPIRED: "danger", "overdue": "warning"})
    def validity_shown(self, obj: Any) -> tuple[str, str] | None:
        validity = validity_on(obj, obj.today)
        return None if validity == Validity.HOLDS else (validity, str(VALIDITY[validity]))

    @admin.display(description=_("owner"), ordering="owner_name")
    def owner(self, obj: Article) -> str:
        return obj.owner_name or "–"

    @admin.display(description=_("languages"))
    def languages_shown(self, obj: Article) -> str:
        return ", ".join(sorted(text.language for text in obj.texts.all())) or "–"

    @admin.display(description=_("used"), ordering="signal__used")
    def uses(self, obj: Article) -> int:
        return obj.signal.used if hasattr(obj, "signal") else 0

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new article, owned by its writer unless they say otherwise."""
        content = Content(owner_id=request.user.pk, owner_name=_editor(request).name)
        return self._written(request, None, article_forms(_organisation(request), content, [], request.POST or None))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The article as it is, to be changed. Fifteen queries."""
        article = self.get_object(request, object_id)
        if article is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        related = list(article.related.values_list("pk", flat=True))
        forms = article_forms(_organisation(request), content_of(article), related, request.POST or None)
        return self._written(request, article, forms)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """A short reply as it will be sent, while it is being written. Changes nothing."""
        text, language = request.POST.get("text", ""), request.POST.get("language", "")
        if request.method != "POST" or len(text) > MAX_SHORT_REPLY or len(language) > 8:
            return JsonResponse({"previews": []})
        previews = previews_of(_organisation(request), language, text, _editor(request).name)
        answer = JsonResponse({"previews": [asdict(one) for one in previews]})
        answer["Cache-Control"] = "private, no-store"
        return answer

    def versions_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who changed what, when and why; word by word for the version that is looked at."""
        article = self._article(request, object_id)
        asked = request.GET.get("number", "")
        number = int(asked) if asked.isdecimal() and len(asked) < 9 else article.version
        versions = versions_of(_organisation(request), article.pk)
        chosen = next((one for one in versions if one.number == number), None)
        if chosen is None:
            raise Http404
        states = dict(State.choices)
        context = {
            "article": article,
            "number": number,
            "changed": changes_shown(chosen.changed),
            "versions": [(one, states[State(one.state)]) for one in versions],
            "title": title_of(article, _organisation(request).languages),
        }
        return self._page(request, "admin/article_versions.html", context)

    def return_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Back to an earlier version: its words (``restore``), or its words and how it stood (``undo``)."""
        article = self._article(request, object_id)
        number = request.POST.get("number", "")
        if request.method != "POST" or not number.isdecimal() or len(number) > 8:
            return self._back(article)
        is_undone = "undo" in request.POST
        step = return_to_version if is_undone else restore_version
        why = gettext("Undone") if is_undone else gettext("Back to version %(number)s") % {"number": number}
        try:
            step(_editor(request), article.pk, int(number), why)
        except ServiceError as error:
            self.message_user(request, str(error.message), messages.ERROR)
            return self._back(article)
        self.log_change(request, article, [{"changed": {"fields": ["version"]}}])
        return self._back(article, done="undone" if is_undone else "restored", before=article.version)

    def question_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Rejects a learned question, or takes it back."""
        article = self._article(request, object_id)
        if request.method == "POST":
            question = _uuid(request.POST.get("question", ""))
            if question is None or not article.variants.filter(pk=question).exists():
                raise Http404
            step = accept_variant if "accept" in request.POST else reject_variant
            step(_organisation(request), _editor(request), question)
        return HttpResponseRedirect(self._address(article) + "#learned")

    def documents_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Takes a document in, removes one, or hands one out."""
        article = self._article(request, object_id)
        organisation, editor = _organisation(request), _editor(request)
        named = _uuid(request.POST.get("remove", "") or request.GET.get("file", ""))
        if named is not None and not article.files.filter(pk=named).exists():
            raise Http404
        if request.method != "POST":
            if named is None:
                return self._back(article)
            try:
                file, document = open_document(organisation, named)
            except NotFound as error:
                raise Http404 from error
            return download(file, document.content_type, document.name)
        try:
            if named is not None:
                remove_document(organisation, editor, named)
            elif (upload := request.FILES.get("file")) is not None:
                if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
                    raise UnsuitableDocument()
                store_document(organisation, editor, article.pk, name=upload.name or "", data=upload.read())
        except ServiceError as error:
            self.message_user(request, str(error.message), messages.ERROR)
        return HttpResponseRedirect(self._address(article) + "#documents")

    def _written(self, request: HttpRequest, article: Article | None, forms: ArticleForms) -> HttpResponse:
        if request.method == "POST" and forms.is_valid():
            before = article.version if article else 0
            step = request.POST.get("step", "")
            try:
                saved = self._save(request, article, forms.content(), step)
            except UnsuitableArticle as error:
                forms.refuse(error.problems)
            except ServiceError as error:
                forms.problems.append(str(error.message))
            else:
                return self._back(saved, done=step if step in STEPS else "saved", before=before)
        organisation = _organisation(request)
        context = {
            "article": article,
            "based_on": request.POST.get("based_on") or (article.version if article else 0),
            "forms": forms,
            "media": self.media + forms.media(),
            "has_problems": request.method == "POST",
            "quotable": quotable(organisation.name),
            "title": title_of(article, organisation.languages) if article else gettext("New article"),
            "why": request.POST.get("why", ""),
            "State": State,
        }
        if article is not None:
            validity = validity_on(article, local_today(organisation))
            context |= {
                "last": article.versions.filter(number=article.version).defer("content").first(),
                "learned": learned_questions(article),
                "documents": article.files.order_by("name", "id"),
                "kept_types": ",".join(KEPT),
                "validity": VALIDITY.get(validity, ""),
                "done": DONE.get(request.GET.get("done", "")),
                "before": _earlier(request.GET.get("before", ""), article),
            }
        return self._page(request, "admin/article.html", context)

    def _save(self, request: HttpRequest, article: Article | None, content: Content, step: str) -> Article:
        """Saves and takes the step, both or neither."""
        why, based_on = request.POST.get("why", ""), request.POST.get("based_on", "")
        with transaction.atomic():
            saved = save_article(
                _editor(request),
                article.pk if article else None,
                content,
                why,
                based_on=int(based_on) if article and based_on.isdecimal() and len(based_on) < 9 else None,
            )
            if step in STEPS:
                saved = STEPS[step](_editor(request), saved.pk, why)
            if article is None:
                self.log_addition(request, saved, [{"added": {}}])
            elif saved.version != article.version:
                fields = ["state"] if saved.state != article.state else ["version"]
                self.log_change(request, saved, [{"changed": {"fields": fields}}])
        return saved

    def _article(self, request: HttpRequest, object_id: str) -> Article:
        article: Article | None = self.get_object(request, object_id)
        if article is None:
            raise Http404
        return article

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**shared, **context})

    def _address(self, article: Article) -> str:
        return reverse("admin:knowledgebase_article_change", args=[article.pk], current_app=self.admin_site.name)

    def _back(self, article: Article, *, done: str = "", before: int = 0) -> HttpResponse:
        query = f"?done={done}&before={before}" if done else ""
        return HttpResponseRedirect(self._address(article) + query)


def _organisation(request: HttpRequest) -> OrganisationRef:
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    return organisation


def _editor(request: HttpRequest) -> Editor:
    return Editor(request.user.pk, request.user.name)  # type: ignore[union-attr]


def _earlier(text: str, article: Article) -> int | None:
    """The version to which "undo" leads; none for an article that has just been made."""
    number = int(text) if text.isdecimal() and len(text) < 9 else 0
    return number if 0 < number < article.version else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
