"""Documents of an article: PDF files only, private, for the organisation's managers and the desk (rule 40)."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledgebase.content import Content, TextContent
from knowledgebase.errors import TooManyDocuments, UnsuitableDocument
from knowledgebase.models import Article, ArticleFile
from knowledgebase.services import documents
from knowledgebase.services.articles import Editor, save_article
from knowledgebase.services.documents import open_document, remove_document, store_document
from tenants.context import OrganisationRef, in_organisation
from tenants.errors import NotFound
from tests.cast import acme, globex, logged_in

PDF = b"%PDF-1.7\n%made up\n"
MIA = Editor(None, "Mia")


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


@pytest.mark.parametrize("data", [b"", b"<html>%PDF-", b"GIF89a", b"%PDF-" + b"x" * settings.UPLOAD_MAX_BYTES])
def test_what_is_no_pdf_or_too_large_leaves_nothing(data: bytes) -> None:
    article, before = an_article(acme()), files_of(acme())

    with pytest.raises(UnsuitableDocument):
        keep(acme(), article, data=data)

    assert files_of(acme()) == before


def test_an_article_has_at_most_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENTS", 1)
    article = an_article(acme())
    keep(acme(), article)
    before = files_of(acme())

    with pytest.raises(TooManyDocuments):
        keep(acme(), article)

    assert files_of(acme()) == before


def test_operators_download_what_their_client_keeps_and_nobody_elses() -> None:  # rules 17 and 40
    own, foreign = keep(acme(), an_article(acme())), keep(globex(), an_article(globex()))
    omar = logged_in("omar@desk.example")  # Acme only

    answer = omar.get(f"/api/desk/organisations/acme/article-files/{own.pk}")

    assert answer.content == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="terms.pdf"'
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


def test_what_cannot_be_kept_is_said_on_the_page() -> None:
    article = an_article(acme())
    maud = logged_in("maud@acme.example", "acme.localhost")

    answer = maud.post(
        f"/admin/knowledgebase/article/{article}/documents/",
        {"file": SimpleUploadedFile("page.html", b"<script>")},
        follow=True,
    )

    assert "Only PDF files of at most 8 MB can be kept." in answer.content.decode()
