"""Files travel over HTTP only: upload and download for visitors (bearer token) and operators (session cookie).

Whoever may not is answered like somebody who asks for what does not exist.
"""

import functools
from collections.abc import Callable
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from conversations.commands.sessions import DeskSession, open_desk
from conversations.events import AttachmentFact
from conversations.models import Entry
from conversations.services.attachments import Reader, open_attachment, store_attachment
from conversations.services.visitors import visitor_of_token
from knowledgebase.services.documents import open_document
from tenants.access import Actor, request_roles
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import FileTooLarge, Invalid, NotFound, ServiceError
from tenants.headers import download
from tenants.hosts import is_own_origin

# A form's own lines around the file.
FORM_BYTES = 64 * 1024
STATUSES = {"not_found": 404, "too_large": 413, "rate_limited": 429, "unavailable": 503}

View = Callable[..., HttpResponse]


def _with_errors_as_json(view: View) -> View:
    @functools.wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ServiceError as error:
            response = JsonResponse(
                {"code": error.code, "message": str(error.message)}, status=STATUSES.get(error.code, 400)
            )
            if error.retry_after is not None:
                response["Retry-After"] = str(int(error.retry_after))
            return response

    return answered


@csrf_exempt  # no cookie takes part: the token is the permission, and the origin must be this host's own
@require_POST
@_with_errors_as_json
def visitor_upload(request: HttpRequest) -> HttpResponse:
    """Stores one image for the visitor, who is made if this is their first act."""
    if not is_own_origin(request.headers.get("Origin"), request.host, request.headers.get("Host", "")):  # type: ignore[attr-defined]
        raise NotFound()
    organisation: OrganisationRef = request.organisation  # type: ignore[attr-defined]
    name, data = _file_of(request)
    token = _bearer_token(request)

    def store(organisation: OrganisationRef) -> AttachmentFact:
        visitor_id = visitor_of_token(organisation, token, create=True)
        return store_attachment(
            organisation,
            uploader_kind=Entry.Sender.VISITOR,
            uploader_id=visitor_id,
            conversation_id=None,
            name=name,
            data=data,
        )

    return _stored(in_organisation(organisation, store))


@require_safe
@_with_errors_as_json
def visitor_download(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    """An image of the visitor's own, or in a conversation of theirs."""
    token = _bearer_token(request)

    def read(organisation: OrganisationRef) -> HttpResponse:
        visitor_id = visitor_of_token(organisation, token, create=False)
        return _file(organisation, attachment_id, Reader(Entry.Sender.VISITOR, visitor_id))

    return in_organisation(request.organisation, read)  # type: ignore[attr-defined]


@require_POST
@_with_errors_as_json
def desk_upload(request: HttpRequest, slug: str, conversation_id: UUID) -> HttpResponse:
    """Stores one image for the operator to send in this conversation."""
    session = _desk_session(request)
    organisation = session.serving(slug)
    name, data = _file_of(request)
    return _stored(
        in_organisation(
            organisation,
            store_attachment,
            uploader_kind=Entry.Sender.OPERATOR,
            uploader_id=session.operator.id,
            conversation_id=conversation_id,
            name=name,
            data=data,
        )
    )


@require_safe
@_with_errors_as_json
def desk_download(request: HttpRequest, slug: str, attachment_id: UUID) -> HttpResponse:
    """Any image that was sent in a conversation of an organisation this operator answers for, or supervises."""
    session = _desk_session(request)
    reader = Reader(Entry.Sender.OPERATOR, session.operator.id)
    return in_organisation(session.serving(slug), _file, attachment_id, reader)


@require_safe
@_with_errors_as_json
def desk_document(request: HttpRequest, slug: str, document_id: UUID) -> HttpResponse:
    """A document of an article of an organisation this operator answers for, or supervises."""

    def read(organisation: OrganisationRef) -> HttpResponse:
        path, document = open_document(organisation, document_id)
        return download(path, document.content_type, document.name)

    return in_organisation(_desk_session(request).serving(slug), read)


def _desk_session(request: HttpRequest) -> DeskSession:
    if not request.user.is_authenticated:
        raise NotFound()
    return open_desk(Actor(request.user.pk, request.user.name, request_roles(request)))


def _bearer_token(request: HttpRequest) -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > 200:
        raise NotFound()
    return token


def _file_of(request: HttpRequest) -> tuple[str, bytes]:
    """The one file of the form. A body announced as too long is refused before the form is taken apart."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_MAX_BYTES + FORM_BYTES:
        raise FileTooLarge()
    files = [file for name in request.FILES for file in request.FILES.getlist(name)]
    if len(files) != 1 or "file" not in request.FILES:
        raise Invalid(_("Send exactly one image at a time."))
    [upload] = files
    if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise FileTooLarge()
    return upload.name or "", upload.read()


def _stored(fact: AttachmentFact) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(fact), content_type="application/json", status=201)


def _file(organisation: OrganisationRef, attachment_id: UUID, reader: Reader) -> HttpResponse:
    path, attachment = open_attachment(organisation, attachment_id, reader)
    return download(path, attachment.content_type, attachment.name)
