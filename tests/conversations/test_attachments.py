"""Images over HTTP and on disk: private, re-encoded, and for whom they concern alone (rules 17, 20 and 40)."""

import os
import stat
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from conversations.frames import Page
from conversations.models import Attachment, Conversation, Entry, Visitor
from conversations.services import attachments as service
from conversations.services.starting import VisitorMessage, receive_message
from conversations.services.writing import delete_message
from tenants.clock import clock_moved, platform_now
from tenants.context import OrganisationRef, in_organisation, organisation_schema
from tenants.errors import InfectedFile, NotFound, RateLimited
from tenants.identifiers import uuid7
from tenants.selectors import website_by_key
from tests.cast import Answer, VisitorHere, acme, client_of, globex, logged_in, omar, visitor_of
from tests.tenants.test_images import drawn, encoded

PICTURE = encoded(drawn(), "PNG")
WIDGET = "/api/widget/attachments"


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def upload(
    visitor: VisitorHere, data: bytes = PICTURE, *, name: str = "tent.png", client: Client | None = None
) -> Answer:
    client = client or client_of(f"{visitor.organisation.slug}.localhost")
    return client.post(WIDGET, {"file": SimpleUploadedFile(name, data)}, headers=bearer(visitor.token))


def download(visitor: VisitorHere, attachment_id: object, *, host: str | None = None) -> Answer:
    client = client_of(host or f"{visitor.organisation.slug}.localhost")
    return client.get(f"{WIDGET}/{attachment_id}", headers=bearer(visitor.token))


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def rows(organisation: OrganisationRef) -> int:
    return in_organisation(organisation, lambda _: Attachment.objects.count())


def conversation_of(visitor: VisitorHere) -> UUID:
    """A waiting conversation, without its entries."""

    def make(_: OrganisationRef) -> UUID:
        now = platform_now()
        return Conversation.objects.create(
            visitor=Visitor.objects.get(pk=visitor.id), website_id=uuid7(), website_key="shop", language="en",
            opened_at=now, last_entry_at=now,
        ).pk  # fmt: skip

    return in_organisation(visitor.organisation, make)


def sent_image(visitor: VisitorHere) -> tuple[UUID, UUID]:
    """(conversation, attachment): an image that the visitor has sent."""
    conversation_id = conversation_of(visitor)
    attachment_id = UUID(upload(visitor).json()["id"])
    claim(visitor.organisation, conversation_id, Entry.Sender.VISITOR, visitor.id, [attachment_id])
    return conversation_id, attachment_id


def claim(
    organisation: OrganisationRef, conversation_id: UUID, kind: str, uploader: UUID, attachments: list[UUID]
) -> list[dict[str, object]]:
    with organisation_schema(organisation), transaction.atomic():
        return service.claim_attachments(organisation, conversation_id, kind, uploader, attachments)


def desk_path(organisation: OrganisationRef, attachment_id: object) -> str:
    return f"/api/desk/organisations/{organisation.slug}/attachments/{attachment_id}"


def desk_upload_path(organisation: OrganisationRef, conversation_id: object) -> str:
    return f"/api/desk/organisations/{organisation.slug}/conversations/{conversation_id}/attachments"


def absent(response: Answer) -> bool:
    return response.status_code == 404 and response.json()["code"] == "not_found"


def test_a_visitor_gets_back_what_they_uploaded() -> None:
    vera = visitor_of(acme())

    answer = upload(vera, name="../../etc/My tent\u202egnp.exe")

    assert answer.status_code == 201
    fact = answer.json()
    assert set(fact) == {"id", "name", "content_type", "size", "width", "height"}
    assert (fact["name"], fact["content_type"], fact["width"]) == ("My tentgnp.exe.png", "image/png", 40)
    back = download(vera, fact["id"])
    assert (back.status_code, len(back.content)) == (200, fact["size"])
    assert Image.open(BytesIO(back.content)).size == (40, 30)


def test_a_file_comes_as_a_harmless_private_download() -> None:
    vera = visitor_of(acme())
    back = download(vera, upload(vera, name="täñt.png").json()["id"])

    assert back["Content-Type"] == "image/png"
    assert back["Content-Disposition"].startswith("attachment; filename*=utf-8''t%C3%A4")
    assert back["X-Content-Type-Options"] == "nosniff"
    assert back["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert back["Cache-Control"] == "private, no-store"
    assert back["X-Frame-Options"] == "DENY"


def test_files_lie_in_the_organisations_own_folder_for_the_platform_alone(tmp_path: Path) -> None:
    fact = upload(visitor_of(acme())).json()

    [path] = files(tmp_path)
    assert path == tmp_path / "o_acme" / "attachments" / fact["id"][-2:] / fact["id"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"<html><script>alert(1)</script>", 400, "unsuitable_file"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 400, "unsuitable_file"),
        (PICTURE[:60], 400, "unsuitable_file"),
        (b"", 400, "unsuitable_file"),
        (PICTURE + b"\0" * (8 * 1024 * 1024 + 1 - len(PICTURE)), 413, "too_large"),
        (b"\0" * (9 * 1024 * 1024), 413, "too_large"),
    ],
    ids=["html", "svg", "broken-off", "empty", "a-byte-too-long", "far-too-long"],
)
def test_a_refused_file_leaves_nothing_behind(data: bytes, status: int, code: str, tmp_path: Path) -> None:
    vera = visitor_of(acme())
    before = rows(vera.organisation)

    answer = upload(vera, data)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert rows(vera.organisation) == before
    assert files(tmp_path) == []


def test_the_largest_image_is_taken() -> None:
    assert upload(visitor_of(acme()), PICTURE + b"\0" * (8 * 1024 * 1024 - len(PICTURE))).status_code == 201


@pytest.mark.parametrize("fields", [{}, {"other": b"x"}, {"file": b"x", "another": b"x"}, {"file": "text"}])
def test_a_form_that_is_not_one_file_is_invalid(fields: dict[str, bytes | str]) -> None:
    vera = visitor_of(acme())
    form = {
        name: SimpleUploadedFile("tent.png", PICTURE) if isinstance(value, bytes) else value
        for name, value in fields.items()
    }

    answer = client_of("acme.localhost").post(WIDGET, form, headers=bearer(vera.token))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("origin", [None, "null", "http://acme-shop.localhost", "http://globex.localhost:80"])
def test_only_the_widgets_own_page_may_upload(origin: str | None, tmp_path: Path) -> None:
    vera = visitor_of(acme())
    client = client_of("acme.localhost")
    client.defaults.pop("HTTP_ORIGIN")
    if origin is not None:
        client.defaults["HTTP_ORIGIN"] = origin

    assert absent(upload(vera, client=client))
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer v1.made.up", f"Bearer {'x' * 300}"]
)
def test_without_a_token_of_ours_there_is_nothing(authorization: str, tmp_path: Path) -> None:
    vera = visitor_of(acme())
    mine = upload(vera).json()["id"]
    client = client_of("acme.localhost")

    headers = {"authorization": authorization}
    assert absent(client.get(f"{WIDGET}/{mine}", headers=headers))
    assert absent(client.post(WIDGET, {"file": SimpleUploadedFile("a.png", PICTURE)}, headers=headers))
    assert len(files(tmp_path)) == 1


def test_an_image_of_somebody_else_is_like_one_that_does_not_exist() -> None:
    vera, stranger, victor = visitor_of(acme()), visitor_of(acme()), visitor_of(globex())
    _conversation, attachment_id = sent_image(vera)
    nowhere = download(stranger, uuid4())

    answers = [
        download(stranger, attachment_id),
        download(victor, attachment_id),
        download(victor, attachment_id, host="acme.localhost"),
        download(vera, attachment_id, host="globex.localhost"),
        client_of("acme.localhost").get(f"{WIDGET}/{attachment_id}"),
        client_of("desk.localhost").get(desk_path(acme(), attachment_id)),
        logged_in("omar@desk.example").get(desk_path(globex(), attachment_id)),
        logged_in("olga@desk.example").get(desk_path(globex(), attachment_id)),
        logged_in("ada@desk.example").get(desk_path(acme(), attachment_id)),
        logged_in("maud@acme.example").get(desk_path(acme(), attachment_id)),
    ]

    assert absent(nowhere)
    for answer in answers:
        assert (answer.status_code, answer.content) == (nowhere.status_code, nowhere.content)
    assert download(vera, attachment_id).status_code == 200


def test_operators_of_the_organisation_see_what_was_sent_and_not_before() -> None:
    vera = visitor_of(acme())
    attachment_id = upload(vera).json()["id"]
    path = desk_path(vera.organisation, attachment_id)
    assert absent(logged_in("omar@desk.example").get(path))

    claim(vera.organisation, conversation_of(vera), Entry.Sender.VISITOR, vera.id, [UUID(attachment_id)])

    for email in ("olga@desk.example", "omar@desk.example"):
        assert logged_in(email).get(path).status_code == 200


def test_an_operators_image_reaches_the_visitor_once_it_was_sent() -> None:
    vera = visitor_of(acme())
    conversation_id = conversation_of(vera)
    answer = logged_in("omar@desk.example").post(
        desk_upload_path(vera.organisation, conversation_id), {"file": SimpleUploadedFile("map.png", PICTURE)}
    )
    assert answer.status_code == 201
    attachment_id = UUID(answer.json()["id"])
    assert absent(download(vera, attachment_id))
    assert absent(logged_in("olga@desk.example").get(desk_path(vera.organisation, attachment_id)))

    claim(vera.organisation, conversation_id, Entry.Sender.OPERATOR, omar().id, [attachment_id])

    assert download(vera, attachment_id).status_code == 200
    assert logged_in("olga@desk.example").get(desk_path(vera.organisation, attachment_id)).status_code == 200
    assert logged_in("sam@desk.example").get(desk_path(vera.organisation, attachment_id)).status_code == 200


def test_the_desk_uploads_only_where_it_answers(tmp_path: Path) -> None:
    vera, victor = visitor_of(acme()), visitor_of(globex())
    at_acme, at_globex = conversation_of(vera), conversation_of(victor)

    def attempt(client: Client, organisation: OrganisationRef, conversation_id: UUID) -> Answer:
        path = desk_upload_path(organisation, conversation_id)
        return client.post(path, {"file": SimpleUploadedFile("a.png", PICTURE)})

    assert absent(attempt(logged_in("omar@desk.example"), globex(), at_globex))
    assert absent(attempt(logged_in("olga@desk.example"), globex(), at_acme))
    assert absent(attempt(logged_in("olga@desk.example"), acme(), uuid4()))
    assert absent(attempt(logged_in("ada@desk.example"), acme(), at_acme))
    assert absent(attempt(client_of("desk.localhost"), acme(), at_acme))
    assert files(tmp_path) == []


def test_the_desk_uploads_only_with_the_page_own_csrf_token(tmp_path: Path) -> None:
    vera = visitor_of(acme())
    path = desk_upload_path(vera.organisation, conversation_of(vera))
    client = logged_in("olga@desk.example", csrf=True)

    answer = client.post(path, {"file": SimpleUploadedFile("a.png", PICTURE)})

    assert answer.status_code == 403
    assert files(tmp_path) == []


def test_a_message_takes_its_senders_own_attachments_in_order_and_only_those() -> None:
    vera, stranger = visitor_of(acme()), visitor_of(acme())
    here, elsewhere = conversation_of(vera), conversation_of(vera)
    first, second, theirs = (UUID(upload(who).json()["id"]) for who in (vera, vera, stranger))
    kind = Entry.Sender.VISITOR

    facts = claim(vera.organisation, here, kind, vera.id, [second, first])

    assert [fact["id"] for fact in facts] == [str(second), str(first)]
    assert claim(vera.organisation, here, kind, vera.id, [second, first]) == facts
    for conversation_id, uploader_kind, uploader, wanted in [
        (here, kind, vera.id, [first, theirs]),
        (here, kind, stranger.id, [first]),
        (here, Entry.Sender.OPERATOR, vera.id, [first]),
        (elsewhere, kind, vera.id, [first]),
        (here, kind, vera.id, [uuid4()]),
    ]:
        with pytest.raises(NotFound):
            claim(vera.organisation, conversation_id, uploader_kind, uploader, wanted)
    with organisation_schema(vera.organisation):
        assert Attachment.objects.get(pk=first).conversation_id == here
        assert Attachment.objects.get(pk=theirs).sent_at is None


def test_twenty_unsent_images_are_the_limit_even_at_the_same_moment(tmp_path: Path) -> None:
    vera = visitor_of(acme())
    for _ in range(service.MAX_UNSENT - 1):
        store(vera)
    outcomes: list[str] = []

    def attempt(_: int) -> None:
        barrier.wait(timeout=10)
        try:
            store(vera)
            outcomes.append("stored")
        except RateLimited:
            outcomes.append("refused")
        finally:
            connection.close()

    barrier = threading.Barrier(4)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(attempt, range(4)))

    assert sorted(outcomes) == ["refused"] * 3 + ["stored"]
    assert len(files(tmp_path)) == service.MAX_UNSENT
    answer = upload(vera)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert upload(visitor_of(acme())).status_code == 201


def store(visitor: VisitorHere) -> None:
    in_organisation(
        visitor.organisation, service.store_attachment, uploader_kind=Entry.Sender.VISITOR, uploader_id=visitor.id,
        conversation_id=None, name="a.png", data=PICTURE,
    )  # fmt: skip


def refuse_everything(path: Path) -> None:
    assert path.read_bytes().startswith(b"\x89PNG")
    raise InfectedFile()


def break_down(path: Path) -> None:
    raise OSError("the scanner is not there")


@pytest.fixture
def scanner(settings: Settings) -> Callable[[Callable[[Path], None]], None]:
    def use(scan: Callable[[Path], None]) -> None:
        settings.UPLOAD_SCANNER = f"{__name__}.{scan.__name__}"

    return use


def test_a_scanner_refuses_before_anybody_could_see_the_file(
    scanner: Callable[[Callable[[Path], None]], None], tmp_path: Path
) -> None:
    scanner(refuse_everything)

    answer = upload(visitor_of(acme()))

    assert (answer.status_code, answer.json()["code"]) == (400, "infected_file")
    assert files(tmp_path) == []


def test_a_scanner_that_breaks_lets_nothing_through(
    scanner: Callable[[Callable[[Path], None]], None], tmp_path: Path
) -> None:
    scanner(break_down)
    vera = visitor_of(acme())
    before = rows(vera.organisation)

    with pytest.raises(OSError, match="not there"):
        store(vera)

    assert rows(vera.organisation) == before
    assert files(tmp_path) == []


def test_what_nobody_sent_within_a_day_is_removed(tmp_path: Path) -> None:
    vera = visitor_of(acme())
    _conversation, sent = sent_image(vera)
    unsent = upload(vera).json()["id"]

    with organisation_schema(vera.organisation):
        with clock_moved(timedelta(hours=23)):
            service.remove_unsent_attachments(vera.organisation)
        assert download(vera, unsent).status_code == 200
        with clock_moved(timedelta(hours=25)):
            assert service.remove_unsent_attachments(vera.organisation) >= 1
            assert service.remove_unsent_attachments(vera.organisation) == 0

    assert absent(download(vera, unsent))
    assert [path.name for path in files(tmp_path)] == [str(sent)]


def test_an_image_just_being_sent_is_not_removed() -> None:
    vera = visitor_of(acme())
    conversation_id = conversation_of(vera)
    attachment_id = UUID(upload(vera).json()["id"])

    def sweep() -> None:
        with organisation_schema(vera.organisation), clock_moved(timedelta(hours=25)):
            service.remove_unsent_attachments(vera.organisation)
        connection.close()

    with organisation_schema(vera.organisation), transaction.atomic():
        service.claim_attachments(vera.organisation, conversation_id, Entry.Sender.VISITOR, vera.id, [attachment_id])
        other = threading.Thread(target=sweep)
        other.start()
        other.join(timeout=10)

    assert download(vera, attachment_id).status_code == 200


def test_files_that_a_crash_left_behind_are_removed(tmp_path: Path) -> None:
    vera = visitor_of(acme())
    sent_image(vera)
    [path] = files(tmp_path)
    left = [path.with_name(str(uuid4())), path.with_name(f"{uuid4()}.new"), path.with_name(str(uuid4()))]
    for number, file in enumerate(left):
        file.write_bytes(b"x")
        age = 25 if number < 2 else 1
        os.utime(file, (time.time() - age * 3600,) * 2)
    os.utime(path, (time.time() - 25 * 3600,) * 2)

    in_organisation(vera.organisation, service.remove_unsent_attachments)

    assert sorted(files(tmp_path)) == sorted([path, left[2]])


def test_a_removed_attachment_takes_its_file_along_once_that_is_committed(tmp_path: Path) -> None:
    vera = visitor_of(acme())
    _conversation, sent = sent_image(vera)

    with organisation_schema(vera.organisation), transaction.atomic():
        assert service.remove_attachments(vera.organisation, [sent]) == 1
        assert len(files(tmp_path)) == 1

    assert files(tmp_path) == []
    assert absent(download(vera, sent))


def test_a_message_that_was_taken_back_takes_its_image_along(tmp_path: Path) -> None:
    victor = visitor_of(globex())
    attachment_id = UUID(upload(victor).json()["id"])
    website = website_by_key(victor.organisation, "globex-bank")
    message = VisitorMessage(
        token=victor.token,
        website=website,
        page=Page(),
        language="en",
        new_conversation_id=uuid7(),
        cid=uuid4(),
        body="Look at this",
        attachments=(attachment_id,),
    )
    received = in_organisation(victor.organisation, receive_message, message)
    assert download(victor, attachment_id).status_code == 200

    author = (Entry.Sender.VISITOR, victor.id, "")
    target = received.message.seq
    in_organisation(victor.organisation, delete_message, author, received.conversation_id, uuid4(), target)

    assert absent(download(victor, attachment_id))
    assert files(tmp_path) == []
