"""Import and export on the organisation's site: upload, look at what would change, confirm; or take everything home."""

from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language_info, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from knowledgebase.imports import reading, writing
from knowledgebase.imports.sources import MAX_BYTES, File
from knowledgebase.models import Article, Revision
from knowledgebase.services.articles import Editor
from knowledgebase.services.exporting import export_articles
from knowledgebase.services.importing import Preview, apply_import, known_languages, preview_import
from knowledgebase.services.pending_imports import Upload, forget_upload, keep_upload, pending_upload
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import ServiceError
from tenants.services import record_audit

SHOWN = 100
# Above it the page would make the manager, and the next in line, wait for more than some seconds.
CHANGES_AT_MOST = 1000
NAMES = {
    "title": _("title"),
    "short_reply": _("short reply"),
    "long_text": _("text for the operator"),
    "points": _("points to mention"),
    "variants": _("questions"),
    "audience": _("audience"),
    "topic": _("topic"),
    "source": _("source"),
    "owner_name": _("owner"),
    "valid_from": _("valid from"),
    "valid_until": _("valid until"),
    "review_on": _("to be reviewed on"),
    "related": _("related articles"),
}


@admin.register(Revision, site=organisation_site)
class ImportPage(Page):
    """Stands for the knowledge base as a whole, whose one row is its revision."""

    group = OrganisationSite.KNOWLEDGE
    position = 10
    icon = "swap_vert"
    menu_title = _("import and export")

    def get_urls(self) -> list[URLPattern]:
        def own(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"knowledgebase_revision_{name}")

        return [
            own("preview/", self.preview_view, "preview"),
            own("confirm/", self.confirm_view, "confirm"),
            own("export/", self.export_view, "export"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Choose a file, or a form to export to. Two queries."""
        organisation = _organisation(request)
        context = {
            "formats": reading.FORMATS.items(),
            "languages": [(code, get_language_info(code)["name_translated"]) for code in organisation.languages],
            "accepted": ",".join(reading.ENDINGS),
            "megabytes": MAX_BYTES >> 20,
            "exports": writing.FORMATS.items(),
            "articles": Article.objects.exclude(state=Article.State.RETIRED).count(),
            **(extra_context or {}),
        }
        return self._page(request, "admin/import_choice.html", _("Import and export"), context)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What the chosen file would change. Nothing is changed yet."""
        given = request.FILES.get("file")
        if request.method != "POST" or given is None:
            if request.method == "POST":
                self.message_user(request, gettext("Choose a file first."), messages.ERROR)
            return self._back()
        if (given.size or 0) > MAX_BYTES:
            text = gettext("This is more than %(megabytes)s MB: import it in parts.") % {"megabytes": MAX_BYTES >> 20}
            self.message_user(request, text, messages.ERROR)
            return self._back()
        organisation = _organisation(request)
        form = request.POST.get("format", "")
        language = request.POST.get("language", "")
        upload = Upload(
            name=PurePosixPath((given.name or "").replace("\\", "/")).name[:100],
            form=form if form in reading.FORMATS else "",
            language=language if language in organisation.languages else organisation.languages[0],
            go_live=request.POST.get("go_live") == "yes",
            data=given.read(),
        )
        keep_upload(organisation, _actor(request), upload)
        return self._preview(request, upload)

    def confirm_view(self, request: HttpRequest) -> HttpResponse:
        """Does what the preview said, unless something has changed meanwhile."""
        if request.method != "POST":
            return self._back()
        organisation, actor = _organisation(request), _actor(request)
        upload = pending_upload(organisation, actor)
        if upload is None:
            self.message_user(request, gettext("The file is no longer here: choose it again."), messages.ERROR)
            return self._back()
        try:
            done = apply_import(
                organisation,
                Editor(actor, request.user.name),  # type: ignore[union-attr]
                _found(organisation, upload),
                go_live=upload.go_live,
                fingerprint=request.POST.get("fingerprint", ""),
            )
        except ServiceError as error:
            self.message_user(request, str(error.message), messages.ERROR)
            return self._preview(request, upload)
        forget_upload(organisation, actor)
        record_audit(organisation.id, actor, "articles.imported", str(len(done.new) + len(done.changed)))
        self.message_user(request, _summary(done), messages.SUCCESS)
        return self._back()

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """All articles but retired ones, as a file."""
        organisation = _organisation(request)
        form = request.GET.get("form", "")
        if form not in writing.FORMATS:
            form = "csv"
        data, _count = export_articles(organisation, form)
        record_audit(organisation.id, _actor(request), "articles.exported", form)
        name = f"{organisation.slug}-articles-{platform_now():%Y-%m-%d}{writing.ENDINGS[form]}"
        return HttpResponse(
            data,
            content_type=writing.CONTENT_TYPES[form],
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
        )

    def _preview(self, request: HttpRequest, upload: Upload) -> HttpResponse:
        organisation = _organisation(request)
        preview = preview_import(organisation, _found(organisation, upload), go_live=upload.go_live)
        is_too_much = len(preview.new) + len(preview.changed) > CHANGES_AT_MOST
        context = {
            "file": upload.name,
            "go_live": upload.go_live,
            "preview": preview,
            "may_confirm": preview.does_something and not is_too_much,
            "is_too_much": is_too_much,
            "most": CHANGES_AT_MOST,
            "new": preview.new[:SHOWN],
            "more_new": len(preview.new[SHOWN:]),
            "changed": [
                (one, [(NAMES.get(each.field, each.field), each) for each in one.differences])
                for one in preview.changed[:SHOWN]
            ],
            "more_changed": len(preview.changed[SHOWN:]),
        }
        return self._page(request, "admin/import_preview.html", _("What the import would change"), context)

    def _page(self, request: HttpRequest, template: str, title: Any, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "title": title}
        return TemplateResponse(request, template, {**shared, **context})

    def _back(self) -> HttpResponse:
        return HttpResponseRedirect(
            reverse("admin:knowledgebase_revision_changelist", current_app=self.admin_site.name)
        )


def _found(organisation: OrganisationRef, upload: Upload) -> reading.Found:
    languages = known_languages(organisation)
    return reading.read(
        [File(upload.name, upload.data)], form=upload.form, language=upload.language, languages=languages
    )


def _summary(done: Preview) -> str:
    """How many articles came, changed and went live."""
    parts = [
        ngettext("%(count)s new article", "%(count)s new articles", len(done.new)) % {"count": len(done.new)},
        ngettext("%(count)s changed", "%(count)s changed", len(done.changed)) % {"count": len(done.changed)},
    ]
    if done.going_live:
        parts.append(
            ngettext("%(count)s went live", "%(count)s went live", done.going_live) % {"count": done.going_live}
        )
    return gettext("Imported: %(parts)s.") % {"parts": ", ".join(parts)}


def _organisation(request: HttpRequest) -> OrganisationRef:
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    return organisation


def _actor(request: HttpRequest) -> UUID:
    return UUID(str(request.user.pk))
