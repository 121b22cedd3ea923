"""Client cards on both admin sites: administrators write any client's, managers their own organisation's.

A card is published, never changed. Before that its writer sees it as operators will, with what is new and what is gone.
"""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from conversations.services.cards import publish_client_card
from operators.cards import CardRef, CardText, card_of_version, confirmations_of, newest_card
from operators.models import ClientCard, Posting
from tenants.admin_site import OrganisationSite, Page, PlatformSite, organisation_site, platform_site
from tenants.models import Organisation
from tenants.selectors import organisation_ref

PARTS: dict[str, LazyText] = {
    "tone": _("tone of voice"),
    "dos": _("do"),
    "donts": _("do not"),
    "specialists": _("who is the specialist for what"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a card: its lines, each with whether it is new, and the lines that are gone."""

    name: str
    title: str | LazyText
    lines: list[tuple[str, bool]]
    gone: list[str]


class CardForm(forms.ModelForm):
    """The four parts; every line of theirs is one point."""

    class Meta:
        model = ClientCard
        fields = list(PARTS)
        widgets = {part: UnfoldAdminTextareaWidget(attrs={"rows": 4}) for part in PARTS}

    def text(self) -> CardText:
        """What was typed, without empty lines and spaces at the ends."""
        return CardText(**{part: "\n".join(_lines(self.cleaned_data[part])) for part in PARTS})


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def parts_of(text: CardText, before: CardText | None) -> list[Part]:
    """The card as it is shown, with what changed since another one; nothing is new on a first card."""
    parts = []
    for name, title in PARTS.items():
        now = _lines(getattr(text, name))
        then = _lines(getattr(before, name)) if before else now
        part = Part(name, title, [(line, line not in then) for line in now], [line for line in then if line not in now])
        if part.lines or part.gone:
            parts.append(part)
    return parts


class CardPage(Page):
    """Versions, newest first; each shows who has confirmed it. A new version asks everybody again."""

    icon = "badge"
    can_add = True
    change_form_template = "admin/client_card.html"
    ordering = ["organisation__name", "-version"]
    list_display_links = ["version"]
    list_select_related = ["organisation"]
    empty_text = _(
        "A card tells operators how to speak for a client: tone, do and do not, who is the specialist for what. Once"
        " there is one, only operators who have confirmed it get the client's conversations."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        posted = Posting.objects.filter(organisation=OuterRef("organisation")).order_by()
        confirmed = posted.filter(confirmed_version=OuterRef("version")).values("organisation")
        return (
            super()
            .get_queryset(request)
            .annotate(
                confirmed=Coalesce(Subquery(confirmed.annotate(count=Count("pk")).values("count")), 0),
                posted=Coalesce(Subquery(posted.values("organisation").annotate(count=Count("pk")).values("count")), 0),
            )
        )

    def title_of(self, obj: ClientCard) -> str:
        return f"{obj.organisation} · {gettext('Version')} {obj.version}"

    @admin.display(description=_("confirmed by"))
    def confirmed_by(self, obj: Any) -> str:
        return gettext("%(confirmed)s of %(posted)s") % {"confirmed": obj.confirmed, "posted": obj.posted}

    def may_write_for(self, request: HttpRequest) -> QuerySet[Organisation]:
        """The clients whose card this person may write."""
        raise NotImplementedError

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Choose a client, write, look at it, publish."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        clients = self.may_write_for(request)
        chosen = request.GET.get("organisation")
        if chosen is None and len(clients) != 1:
            return self._show(request, "admin/client_card_choice.html", {"clients": clients})
        client = get_object_or_404(clients, pk=_uuid(chosen)) if chosen is not None else clients[0]
        newest = newest_card(client.pk)
        form = CardForm(request.POST or None, initial=asdict(newest.text) if newest else None)
        context: dict[str, Any] = {"client": client, "form": form, "newest": newest}
        if request.method == "POST" and form.is_valid() and "_edit" not in request.POST:
            if "_publish" in request.POST:
                return self._publish(request, client, form.text(), newest)
            context["parts"] = parts_of(form.text(), newest.text if newest else None)
            context["unchanged"] = newest is not None and newest.text == form.text()
            context["asked"] = len(confirmations_of(client.pk))
        return self._show(request, "admin/client_card_add.html", context)

    def _publish(
        self, request: HttpRequest, client: Organisation, text: CardText, newest: CardRef | None
    ) -> HttpResponse:
        # What the writer saw is what they replace: somebody else may have published meanwhile.
        if request.POST.get("replaces") != (str(newest.version) if newest else "0"):
            self.message_user(request, gettext("Somebody published a newer card. Look again."), messages.WARNING)
            return HttpResponseRedirect(request.get_full_path())
        card = publish_client_card(organisation_ref(client), text, request.user.pk)
        told = gettext("Version %(version)s is published. Operators are asked to confirm it.")
        self.message_user(request, told % {"version": card.version}, messages.SUCCESS)
        return HttpResponseRedirect(
            reverse("admin:operators_clientcard_change", args=[card.id], current_app=self.admin_site.name)
        )

    def _show(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": gettext("A new card")}
        return TemplateResponse(request, template, {**shared, **context})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        card = kwargs.get("obj")
        if card is not None:
            text = CardText(**{part: getattr(card, part) for part in PARTS})
            before = card_of_version(card.organisation_id, card.version - 1)
            newest = newest_card(card.organisation_id)
            context["parts"] = parts_of(text, before.text if before else None)
            context["is_newest"] = newest is not None and newest.version == card.version
            context["confirmations"] = confirmations_of(card.organisation_id)
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(ClientCard, site=platform_site)
class AnyCardPage(CardPage):
    """Every client's cards."""

    group = PlatformSite.CLIENTS
    position = 2
    list_display = ["organisation", "version", "published_at", "confirmed_by"]
    list_filter = ["organisation"]

    def may_write_for(self, request: HttpRequest) -> QuerySet[Organisation]:
        return Organisation.objects.filter(~Q(state=Organisation.State.ARCHIVED), kind=Organisation.Kind.CLIENT)


@admin.register(ClientCard, site=organisation_site)
class OwnCardPage(CardPage):
    """The own organisation's cards."""

    group = OrganisationSite.SETTINGS
    position = 7
    menu_title = _("card for operators")
    list_display = ["version", "published_at", "confirmed_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(organisation_id=request.organisation.id)  # type: ignore[attr-defined]

    def may_write_for(self, request: HttpRequest) -> QuerySet[Organisation]:
        return Organisation.objects.filter(pk=request.organisation.id)  # type: ignore[attr-defined]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
