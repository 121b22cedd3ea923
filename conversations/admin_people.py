"""An organisation's own people on its site: who manages it, who was invited, and how both change.

Nothing here tells whether an address has an account already, and nothing here touches an account: its name, address,
password and roles elsewhere are its own.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.services.inviting import invite, invite_again
from conversations.tasks import enqueue_mail
from tenants.admin_site import OrganisationSite, SitePage, organisation_site
from tenants.clock import platform_now
from tenants.context import OrganisationRef
from tenants.errors import NotFound, ServiceError
from tenants.models import Membership
from tenants.people import (
    TakenAway,
    give_role_back,
    invited_to,
    people_of,
    restore_invitation,
    take_role_away,
    withdraw_invitation,
)

UNDO_FOR = timedelta(minutes=10)
UNDO_KEY = "people_undo"


class InviteForm(forms.Form):
    """Somebody's name and address."""

    name = forms.CharField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"})
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_name(self) -> str:
        """On one line: it stands in a mail."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def invite_to(self, organisation: OrganisationRef, actor_id: UUID | None) -> bool:
        """Whether the mail is on its way; otherwise the form says why not."""
        if not self.is_valid():
            return False
        try:
            mail_id = invite(
                organisation, email=self.cleaned_data["email"], name=self.cleaned_data["name"], actor_id=actor_id
            )
        except ServiceError as error:
            self.add_error("email", str(error.message))
            return False
        enqueue_mail(organisation.schema_name, mail_id)
        return True


def people_view(request: HttpRequest) -> HttpResponse:
    """Two queries to show it."""
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    action = request.POST.get("action", "")
    form = InviteForm(request.POST if action == "invite" else None)
    if request.method == "POST":
        if action != "invite":
            _act(request, organisation, action)
            return HttpResponseRedirect(request.path)
        if form.invite_to(organisation, request.user.pk):
            messages.success(request, invited_text(form))
            return HttpResponseRedirect(request.path)
    roles = dict(Membership.Role.choices)
    people = [
        (person, [(role, capfirst(roles[role])) for role in person.roles], person.id == request.user.pk)
        for person in people_of(organisation)
    ]
    context = {
        **organisation_site.each_context(request),
        "title": gettext("People"),
        "people": people,
        "invited": invited_to(organisation),
        "form": form,
        "undo": _undoable(request),
    }
    return TemplateResponse(request, "admin/people.html", context)


def invited_text(form: InviteForm) -> str:
    return gettext("A mail is on its way to %(email)s.") % {"email": form.cleaned_data["email"]}


def _act(request: HttpRequest, organisation: OrganisationRef, action: str) -> None:
    """What cannot be done is said; what does not exist is answered like what is somebody else's."""
    try:
        if action not in ACTIONS:
            raise NotFound()
        messages.success(request, ACTIONS[action](request, organisation))
    except ServiceError as error:
        messages.error(request, str(error.message))


def _take_away(request: HttpRequest, organisation: OrganisationRef) -> str:
    taken = take_role_away(organisation, _id(request, "person"), request.POST.get("role", ""), request.user.pk)
    seen = taken.seen_at.isoformat() if taken.seen_at else ""
    _remember(request, {"what": "role", "id": str(taken.user_id), "role": taken.role, "seen_at": seen})
    return gettext("Taken away. It holds from the next page on.")


def _send_again(request: HttpRequest, organisation: OrganisationRef) -> str:
    mail_id = invite_again(organisation, _id(request, "invitation"), request.user.pk)
    enqueue_mail(organisation.schema_name, mail_id)
    return gettext("A new link is on its way. The one before opens nothing any more.")


def _withdraw(request: HttpRequest, organisation: OrganisationRef) -> str:
    invitation_id = _id(request, "invitation")
    withdraw_invitation(organisation, invitation_id, request.user.pk)
    _remember(request, {"what": "invitation", "id": str(invitation_id)})
    return gettext("Withdrawn. Its link opens nothing any more.")


def _undo(request: HttpRequest, organisation: OrganisationRef) -> str:
    if not _undoable(request):
        raise NotFound()
    done = request.session.pop(UNDO_KEY)
    if done["what"] == "invitation":
        restore_invitation(organisation, UUID(done["id"]), request.user.pk)
    else:
        seen_at = datetime.fromisoformat(done["seen_at"]) if done["seen_at"] else None
        give_role_back(organisation, TakenAway(UUID(done["id"]), done["role"], seen_at), request.user.pk)
    return gettext("Undone.")


ACTIONS: dict[str, Callable[[HttpRequest, OrganisationRef], str]] = {
    "take-away": _take_away,
    "send-again": _send_again,
    "withdraw": _withdraw,
    "undo": _undo,
}


def _remember(request: HttpRequest, done: dict[str, str]) -> None:
    """The last thing taken away, in the session of whoever did it: only they can undo it, for ten minutes."""
    request.session[UNDO_KEY] = {**done, "until": (platform_now() + UNDO_FOR).isoformat()}


def _undoable(request: HttpRequest) -> bool:
    done = request.session.get(UNDO_KEY)
    return done is not None and datetime.fromisoformat(done["until"]) > platform_now()


def _id(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise NotFound() from None


organisation_site.add_page(
    SitePage(
        name="people",
        route="people/",
        view=people_view,
        title=_("people"),
        icon="group",
        group=OrganisationSite.SETTINGS,
        position=3,
    )
)
