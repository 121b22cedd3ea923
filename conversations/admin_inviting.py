"""Inviting a client's managers from the platform's site: its first one has nobody else to do it."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.admin_people import InviteForm, invited_text
from conversations.services.inviting import invite_again
from conversations.tasks import enqueue_mail
from tenants.admin_site import PlatformSite, SitePage, platform_site
from tenants.context import in_organisation
from tenants.errors import NotFound, ServiceError
from tenants.people import invited_across_organisations, withdraw_invitation
from tenants.selectors import active_organisations, organisation_by_slug


def _clients() -> list[tuple[str, str]]:
    return [("", "–"), *((one.slug, one.name) for one in active_organisations())]


class ClientInviteForm(InviteForm):
    """For which client."""

    client = forms.ChoiceField(label=_("Client"), choices=_clients)
    field_order = ["client", "name", "email"]

    def invite_anywhere(self, actor_id: UUID | None) -> bool:
        """As ``invite_to``, in the schema of the client that was chosen."""
        if not self.is_valid():
            return False
        return in_organisation(organisation_by_slug(self.cleaned_data["client"]), self.invite_to, actor_id)


def invitations_view(request: HttpRequest) -> HttpResponse:
    """Two queries to show it."""
    action = request.POST.get("action", "")
    form = ClientInviteForm(request.POST if action == "invite" else None)
    if request.method == "POST":
        if action != "invite":
            _act(request, action)
            return HttpResponseRedirect(request.path)
        if form.invite_anywhere(request.user.pk):
            messages.success(request, invited_text(form))
            return HttpResponseRedirect(request.path)
    context = {
        **platform_site.each_context(request),
        "title": gettext("Invitations"),
        "invited": invited_across_organisations(),
        "form": form,
    }
    return TemplateResponse(request, "admin/invitations.html", context)


def _act(request: HttpRequest, action: str) -> None:
    try:
        organisation = organisation_by_slug(request.POST.get("client", ""))
        invitation_id = UUID(request.POST.get("invitation", ""))
        if action == "send-again":
            mail_id = in_organisation(organisation, invite_again, invitation_id, request.user.pk)
            enqueue_mail(organisation.schema_name, mail_id)
            messages.success(request, gettext("A new link is on its way. The one before opens nothing any more."))
        elif action == "withdraw":
            withdraw_invitation(organisation, invitation_id, request.user.pk)
            messages.success(request, gettext("Withdrawn. Its link opens nothing any more."))
        else:
            raise NotFound()
    except ValueError:
        messages.error(request, str(NotFound.message))
    except ServiceError as error:
        messages.error(request, str(error.message))


platform_site.add_page(
    SitePage(
        name="invitations",
        route="invitations/",
        view=invitations_view,
        title=_("invitations"),
        icon="outgoing_mail",
        group=PlatformSite.PEOPLE,
        position=1,
    )
)
