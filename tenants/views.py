"""Logging in and out, the language of the screens, and the root of an organisation's host."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.i18n import set_language

from tenants.access import request_roles, roles_on
from tenants.forms import LoginForm
from tenants.models import StaffRole
from tenants.people import note_log_in

ACCOUNT_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


def place_name(request: HttpRequest) -> str:
    """What the account pages call this host: the organisation that lives here, or the desk."""
    organisation = getattr(request, "organisation", None)
    return organisation.name if organisation else _("The desk")


class Login(LoginView):
    """E-mail and password. A wrong pair is answered like an unknown account; `next` stays on this host."""

    template_name = "account/login.html"
    authentication_form = LoginForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Somebody without the role that a page needs would be sent back and forth between that page and this one:
        # `next` says that one did not let them in.
        self.redirect_authenticated_user = bool(request_roles(request)) and self.redirect_field_name not in request.GET
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        organisation = self.request.organisation  # type: ignore[attr-defined]
        if organisation is not None:
            note_log_in(organisation, form.get_user().pk)
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """Somebody who supervises and answers nobody begins at the wallboard, unless a page was asked for."""
        url = super().get_success_url()
        if url != "/" or not self.request.user.is_authenticated:
            return url
        roles = roles_on(self.request.host, self.request.user.pk)  # type: ignore[attr-defined]
        supervises = StaffRole.Role.SUPERVISOR in roles and StaffRole.Role.OPERATOR not in roles
        return reverse("wallboard") if supervises else url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs,
            place=place_name(self.request),
            has_left="left" in self.request.GET,
            has_accepted="accepted" in self.request.GET,
        )

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **response_kwargs)
        response["Content-Security-Policy"] = ACCOUNT_PAGE_POLICY
        return response


login = Login.as_view()
logout = LogoutView.as_view(next_page="/login/?left")
language = set_language


def root(request: HttpRequest) -> HttpResponse:
    """An organisation's own people look for their admin; visitors meet the widget elsewhere."""
    return HttpResponseRedirect("/admin/")
