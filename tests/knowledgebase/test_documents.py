"""Documents of an article: PDF files and images, private, for the organisation's managers and the desk (rule 40)."""

import hashlib
import json
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image
from pytest_django.fixtures import Settings

from conversations.tasks import remove_unsent
from knowledgebase.content import Content, TextContent
from knowledgebase.errors import TooManyDocuments, UnsuitableDocument
from knowledgebase.imports.reading import read
from knowledgebase.imports.sources import File
from knowledgebase.models import Article, ArticleFile, ArticleVersion
from knowledgebase.services import documents
from knowledgebase.services.articles import Editor, restore_version, save_article
from knowledgebase.services.documents import open_document, remove_document, store_document
from knowledgebase.services.exporting import export_articles
from knowledgebase.services.importing import apply_import
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import FileTooLarge, NotFound
from tests.cast import acme, globex, logged_in
from tests.tenants.test_images import SECRET, drawn, encoded, opened

PDF = b"%PDF-1.7\n%made up\n"
MIA = Editor(None, "Mia")


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def an_article(organisation: OrganisationRef) -> UUID:
    texts = {"en": TextContent("Terms", "See the terms.")}

    def make(_organisation: OrganisationRef) -> UUID:
        return save_article(MIA, None, Content(slug=f"terms-{uuid4().hex[:8]}", texts=texts)).pk

    return in_organisation(organisation, make)


def keep(organisation: OrganisationRef, article_id: UUID, name: str = "terms.pdf", data: bytes = PDF) -> ArticleFile:
    return in_organisation(organisation, store_document, MIA, article_id, name=name, data=data)


def files_of(organisation: OrganisationRef) -> set[Path]:
    return {
        path for path in (Path(settings.MEDIA_ROOT) / organisation.schema_name).glob("documents/*/*") if path.is_file()
    }


def test_a_document_is_kept_read_and_removed() -> None:
    article = an_article(acme())
    before = files_of(acme())

    document = keep(acme(), article)
    path, row = in_organisation(acme(), open_document, document.pk)

    assert path.read_bytes() == PDF
    assert path.stat().st_mode & 0o077 == 0
    assert (row.name, row.content_type, row.size) == ("terms.pdf", "application/pdf", len(PDF))
    in_organisation(acme(), remove_document, MIA, document.pk)
    in_organisation(acme(), remove_document, MIA, document.pk)
    assert files_of(acme()) == before
    with pytest.raises(NotFound):
        in_organisation(acme(), open_document, document.pk)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_an_image_is_written_anew_and_keeps_nothing_but_its_pixels(kind: str) -> None:  # rule 40
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    data = encoded(drawn(), kind.upper(), exif=exif) + b"<script>"

    document = keep(acme(), an_article(acme()), f"seam.{kind}", data)
    path, row = in_organisation(acme(), open_document, document.pk)

    stored = path.read_bytes()
    assert SECRET in data
    assert SECRET not in stored
    assert b"<script>" not in stored
    assert opened(stored).size == drawn().size
    assert (row.name, row.content_type, row.size) == (f"seam.{kind}", f"image/{kind}", len(stored))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>%PDF-",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        encoded(drawn(), "GIF"),
        encoded(drawn(), "BMP"),
        b"\x89PNG\r\n\x1a\n<html>",
        encoded(drawn(), "PNG")[:60],
        b"%PDF-" + b"x" * settings.UPLOAD_MAX_BYTES,
        encoded(drawn(), "PNG") + b"x" * settings.UPLOAD_MAX_BYTES,
    ],
    ids=["empty", "html", "svg", "gif", "bmp", "png-html", "cut", "large-pdf", "large-png"],
)
def test_anything_else_or_too_large_leaves_nothing(data: bytes) -> None:  # rule 40
    article, before = an_article(acme()), files_of(acme())

    with pytest.raises(UnsuitableDocument):
        keep(acme(), article, data=data)

    assert files_of(acme()) == before


def test_an_image_of_too_many_pixels_leaves_nothing() -> None:
    article, before = an_article(acme()), files_of(acme())

    with pytest.raises(FileTooLarge):
        keep(acme(), article, "sky.png", encoded(Image.new("1", (8000, 5001)), "PNG"))

    assert files_of(acme()) == before
    assert in_organisation(acme(), lambda _organisation: Article.objects.get(pk=article).files.count()) == 0


def test_a_removal_that_is_not_committed_keeps_row_and_file() -> None:
    document = keep(acme(), an_article(acme()))
    before = files_of(acme())

    def change_their_mind(organisation: OrganisationRef) -> None:
        with transaction.atomic():
            remove_document(organisation, MIA, document.pk)
            transaction.set_rollback(True)

    in_organisation(acme(), change_their_mind)

    assert files_of(acme()) == before
    assert in_organisation(acme(), open_document, document.pk)[0].read_bytes() == PDF


def test_the_files_of_an_article_that_is_gone_go_with_the_daily_round() -> None:
    gone, stays = an_article(acme()), keep(acme(), an_article(acme()))
    before = files_of(acme())
    keep(acme(), gone)
    keep(acme(), gone, "seam.png", encoded(drawn(), "PNG"))
    in_organisation(acme(), lambda _organisation: Article.objects.get(pk=gone).delete())

    remove_unsent(acme().schema_name)
    young = files_of(acme()) - before
    for path in files_of(acme()):
        os.utime(path, (time.time() - timedelta(hours=25).total_seconds(),) * 2)
    remove_unsent(acme().schema_name)
    remove_unsent(acme().schema_name)

    assert len(young) == 2
    assert files_of(acme()) == before
    assert in_organisation(acme(), open_document, stays.pk)[0].read_bytes() == PDF


def test_an_earlier_version_comes_back_beside_the_documents_of_today() -> None:
    article = an_article(acme())
    first = keep(acme(), article)

    def look_back(_organisation: OrganisationRef) -> tuple[int, str, list[UUID]]:
        content = Content(slug=Article.objects.get(pk=article).slug, texts={"en": TextContent("Terms", "Changed.")})
        save_article(MIA, article, content)
        restored = restore_version(MIA, article, 1)
        text = restored.texts.get().short_reply
        return ArticleVersion.objects.filter(article=article).count(), text, [one.pk for one in restored.files.all()]

    in_organisation(acme(), remove_document, MIA, first.pk)
    second = keep(acme(), article, "seam.png", encoded(drawn(), "PNG"))

    assert in_organisation(acme(), look_back) == (3, "See the terms.", [second.pk])
    assert in_organisation(acme(), open_document, second.pk)[1].name == "seam.png"


def test_an_export_names_documents_and_an_import_leaves_them_as_they_are() -> None:
    article = an_article(acme())
    document = keep(acme(), article)
    named = {"name": "terms.pdf", "size": len(PDF), "sha256": hashlib.sha256(PDF).hexdigest()}

    def there_and_back(organisation: OrganisationRef) -> tuple[list[Any], str, list[UUID]]:
        slug = Article.objects.get(pk=article).slug
        exported = json.loads(export_articles(organisation, "json")[0])["articles"]
        [mine] = [one for one in exported if one["slug"] == slug]
        mine["texts"]["en"]["short_reply"] = "Changed in the file."
        file = File("articles.json", json.dumps([mine]).encode())
        apply_import(organisation, MIA, read([file], form="", language="en", languages=("en",)))
        text = Article.objects.get(pk=article).texts.get().short_reply
        files = ArticleFile.objects.filter(article=article)
        return mine["documents"], text, [one.pk for one in files]

    assert in_organisation(acme(), there_and_back) == ([named], "Changed in the file.", [document.pk])
    assert in_organisation(acme(), open_document, document.pk)[0].read_bytes() == PDF


def test_an_article_has_at_most_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENTS", 1)
    article = an_article(acme())
    keep(acme(), article)
    before = files_of(acme())

    with pytest.raises(TooManyDocuments):
        keep(acme(), article)

    assert files_of(acme()) == before


@pytest.mark.parametrize(
    ("name", "kind", "data"),
    [("terms.pdf", "application/pdf", PDF), ("seam.png", "image/png", encoded(drawn(), "PNG"))],
)
def test_operators_download_what_their_client_keeps_and_nobody_elses(name: str, kind: str, data: bytes) -> None:
    # rules 17 and 40
    own, foreign = (keep(whose, an_article(whose), name, data) for whose in (acme(), globex()))
    omar = logged_in("omar@desk.example")  # Acme only

    answer = omar.get(f"/api/desk/organisations/acme/article-files/{own.pk}")

    assert answer.content == in_organisation(acme(), open_document, own.pk)[0].read_bytes()
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    for path in (f"acme/article-files/{foreign.pk}", f"globex/article-files/{foreign.pk}"):
        assert omar.get(f"/api/desk/organisations/{path}").status_code == 404


def test_a_manager_adds_and_removes_documents_on_the_articles_page() -> None:
    article = an_article(acme())
    page = f"/admin/knowledgebase/article/{article}/"
    maud = logged_in("maud@acme.example", "acme.localhost")

    maud.post(f"{page}documents/", {"file": SimpleUploadedFile("returns.pdf", PDF)})
    document = in_organisation(acme(), lambda _organisation: ArticleFile.objects.get(article=article))
    shown = maud.get(f"{page}change/").content.decode()
    answer = maud.get(f"{page}documents/?file={document.pk}")

    assert "returns.pdf" in shown
    assert (answer.content, answer["Content-Security-Policy"].split(";")[1]) == (PDF, " sandbox")
    # Another article's page does not hand it out, nor remove it.
    other = f"/admin/knowledgebase/article/{an_article(acme())}/documents/"
    assert maud.get(f"{other}?file={document.pk}").status_code == 404
    assert maud.post(other, {"remove": str(document.pk)}).status_code == 404
    maud.post(f"{page}documents/", {"remove": str(document.pk)})
    assert in_organisation(acme(), lambda _organisation: Article.objects.get(pk=article).files.count()) == 0


def test_the_page_shows_an_image_as_a_small_picture_that_is_handed_out_as_a_download() -> None:  # rule 40
    article = an_article(acme())
    page = f"/admin/knowledgebase/article/{article}/"
    maud = logged_in("maud@acme.example", "acme.localhost")

    maud.post(f"{page}documents/", {"file": SimpleUploadedFile("seam.png", encoded(drawn(), "PNG"))})
    maud.post(f"{page}documents/", {"file": SimpleUploadedFile("terms.pdf", PDF)})
    document = in_organisation(acme(), lambda _organisation: ArticleFile.objects.get(article=article, name="seam.png"))
    shown = maud.get(f"{page}change/").content.decode()
    answer = maud.get(f"{page}documents/?file={document.pk}")

    assert shown.count(f'<img src="{page}documents/?file={document.pk}"') == shown.count(f'<img src="{page}') == 1
    assert opened(answer.content).size == drawn().size
    assert answer["Content-Disposition"] == 'attachment; filename="seam.png"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    for host, status in (("globex.localhost", 404), ("acme.localhost", 302)):
        mona = logged_in("mona@globex.example", host)  # rule 17: of Globex, so a stranger at Acme
        assert mona.get(f"{page}documents/?file={document.pk}").status_code == status


def test_what_cannot_be_kept_is_said_on_the_page() -> None:
    article = an_article(acme())
    maud = logged_in("maud@acme.example", "acme.localhost")

    answer = maud.post(
        f"/admin/knowledgebase/article/{article}/documents/",
        {"file": SimpleUploadedFile("page.html", b"<script>")},
        follow=True,
    )

    assert "Only PDF files and PNG, JPEG and WebP images of at most 8 MB can be kept." in answer.content.decode()
