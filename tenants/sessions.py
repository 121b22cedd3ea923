"""Sessions belong to one host: what host A gave is refused on host B (rule 18)."""

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

HOST_KEY = "_host"


def session_host(request: HttpRequest) -> str:
    """The host's name, without its port."""
    return split_domain_port(request.get_host())[0]


class HostBoundSessionMiddleware(SessionMiddleware):
    """Notes in each session on which host it began, and gives every other host an empty one."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.session.session_key and request.session.get(HOST_KEY) != session_host(request):
            request.session = self.SessionStore()

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = getattr(request, "session", None)
        if session is not None and session.modified and not session.is_empty():
            session[HOST_KEY] = session_host(request)
        return super().process_response(request, response)
