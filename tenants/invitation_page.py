"""Behind the link of an invitation: whoever reads the mail chooses a password, or accepts with the account they have.

The link opens no session: afterwards everybody logs in. Its token stands in the address's fragment; the page's script
posts it, so that it is in no log, and a mail scanner that fetches the address spends nothing (rule 36).
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tenants.context import OrganisationRef
from tenants.errors import NotFound
from tenants.forms import FirstPasswordForm
from tenants.models import User
from tenants.people import Opened, accept_invitation, opened_invitation
from tenants.views import ACCOUNT_PAGE_POLICY, place_name

LOG_IN = "/login/?next=/admin/&accepted"


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """``GET`` is the same for everybody. A ``POST`` of the token alone shows what it opens; with ``accept`` it is
    accepted."""
    if request.method != "POST":
        return _shown(request, stage="link")
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    token = request.POST.get("token", "")
    try:
        opened = opened_invitation(organisation, token)
        form = None if opened.has_account else _form(request, opened)
        if "accept" in request.POST and (form is None or form.is_valid()):
            given = form.cleaned_data if form else {}
            accept_invitation(organisation, token, name=given.get("name", ""), password=given.get("new_password1", ""))
            return HttpResponseRedirect(LOG_IN)
    except NotFound:
        return _shown(request, stage="over", status=404)
    return _shown(request, stage="accept", opened=opened, form=form, token=token)


def _form(request: HttpRequest, opened: Opened) -> FirstPasswordForm:
    """The password may resemble neither the address nor the name."""
    name = request.POST.get("name", opened.name)
    data = request.POST if "accept" in request.POST else None
    return FirstPasswordForm(User(email=opened.email, name=name), data, initial={"name": opened.name})


def _shown(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    response = render(request, "account/invitation.html", {"place": place_name(request), **context}, status=status)
    response["Content-Security-Policy"] = ACCOUNT_PAGE_POLICY
    return response
