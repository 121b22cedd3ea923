"""What visitors are asked, on the organisation's site: factors, order and words per language, and by which ways."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ratings.asking import AskedFactor, ask_settings, factors_in
from ratings.factors import EXPECTATION, GROUPS, SOLVED, WORDING, Factor, Question, question_of
from ratings.models import AskSettings
from ratings.services.choosing import WORDING_CHARACTERS, Ways, choose_factors, choose_ways
from tenants.admin_site import OrganisationSite, Page, organisation_site
from tenants.context import OrganisationRef
from tenants.errors import Invalid


@admin.register(AskSettings, site=organisation_site)
class AskingPage(Page):
    """One page per language, and no list. Whoever previews stores nothing."""

    group = OrganisationSite.FIGURES
    position = 2
    icon = "contact_support"
    menu_title = _("questions to visitors")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AskSettings | None:
        stored: AskSettings | None = super().get_object(request, object_id, from_field)
        return AskSettings() if stored is None and object_id == "1" else stored

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is nothing but the page."""
        return HttpResponseRedirect(reverse("admin:ratings_asksettings_changelist", current_app=self.admin_site.name))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Two queries to show it."""
        organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
        wanted = request.GET.get("language", "")
        language = wanted if wanted in organisation.languages else organisation.languages[0]
        factors, ways = factors_in(language), _stored_ways()
        if request.method == "POST":
            factors, ways = _posted_factors(request), _posted_ways(request)
            if "preview" not in request.POST and self._save(request, organisation, language, factors, ways):
                return HttpResponseRedirect(f"{request.path}?language={language}")
        names = dict(settings.LANGUAGES)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Questions to visitors"),
            "language": language,
            "languages": [(code, names.get(code, code)) for code in organisation.languages],
            "rows": _rows(language, factors),
            "ways": ways,
            "wording_characters": WORDING_CHARACTERS,
            "preview": _preview(language, factors, ways.asks_solved),
            "is_unsaved": request.method == "POST",
            **(extra_context or {}),
        }
        return TemplateResponse(request, "ratings/asking.html", context)

    def _save(
        self,
        request: HttpRequest,
        organisation: OrganisationRef,
        language: str,
        factors: list[AskedFactor],
        ways: Ways,
    ) -> bool:
        try:
            with transaction.atomic():
                changed = choose_factors(organisation, language, factors, actor_id=request.user.pk)
                changed = choose_ways(organisation, ways, actor_id=request.user.pk) or changed
        except Invalid as error:
            self.message_user(request, str(error.message), messages.ERROR)
            return False
        text = gettext("Saved. It holds from the next conversation that ends.") if changed else gettext("No changes.")
        self.message_user(request, text, messages.SUCCESS)
        return True


def _stored_ways() -> Ways:
    stored = ask_settings()
    return Ways(stored.asks_solved, stored.open_days, stored.mails, stored.mail_after_days)


def _posted_ways(request: HttpRequest) -> Ways:
    posted = request.POST
    return Ways(
        "asks_solved" in posted,
        _number(posted.get("open_days")),
        "mails" in posted,
        _number(posted.get("mail_after_days")),
    )


def _posted_factors(request: HttpRequest) -> list[AskedFactor]:
    """In the order of the positions; where two are equal, in the shipped one."""
    posted = request.POST
    found = [
        (
            _number(posted.get(f"position-{factor}")),
            place,
            AskedFactor(factor, f"asked-{factor}" in posted, " ".join(posted.get(f"wording-{factor}", "").split())),
        )
        for place, factor in enumerate(Factor.values)
    ]
    return [one for _position, _place, one in sorted(found, key=lambda row: row[:2])]


def _number(text: str | None) -> int:
    """Minus one for what is none: refused where it matters, first where it is a position."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 5 else -1


def _rows(language: str, factors: list[AskedFactor]) -> list[dict[str, Any]]:
    with translation.override(language):
        shipped = {factor: str(WORDING[factor]) for factor in Factor.values}
    return [
        {
            "factor": one.factor,
            "label": Factor(one.factor).label,
            "group": GROUPS[one.factor].label,
            "position": position,
            "is_asked": one.is_asked,
            "wording": one.wording,
            "shipped": shipped[one.factor],
        }
        for position, one in enumerate(factors, start=1)
    ]


def _preview(language: str, factors: list[AskedFactor], asks_solved: bool) -> list[Question]:
    """Every question as a visitor reads it; of the factors each visitor gets two."""
    with translation.override(language):
        asked = [question_of(one.factor, one.wording) for one in factors if one.is_asked]
        return [question_of(EXPECTATION), *asked, *([question_of(SOLVED)] if asks_solved else [])]
