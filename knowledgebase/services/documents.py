"""Documents that go with an article: stored privately per organisation, for its managers and the desk (rule 40).

PDF files are kept as they are, and nothing here opens or draws them; images are decoded and written anew. Both are
handed out as downloads that no page can run. Versions of an article do not name its documents: an earlier version that
is brought back finds those that are there now. Everything runs inside the organisation's schema; files are
``MEDIA_ROOT/<schema>/documents/<aa>/<id>``.
"""

import hashlib
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from knowledgebase.errors import TooManyDocuments, UnsuitableDocument
from knowledgebase.models import Article, ArticleFile
from knowledgebase.services.articles import Editor
from tenants.context import OrganisationRef
from tenants.errors import NotFound, UnsuitableFile
from tenants.file_names import clean_name
from tenants.file_store import file_path, remove_files_without_row, scan_file, write_file
from tenants.identifiers import uuid7
from tenants.images import image_type, read_image
from tenants.services import record_audit

PDF = "application/pdf"
PDF_BEGINS = b"%PDF-"
IMAGES = ("image/png", "image/jpeg", "image/webp")
KEPT = (PDF, *IMAGES)
FOLDER = "documents"
MAX_DOCUMENTS = 20  # of one article


def store_document(
    organisation: OrganisationRef, editor: Editor, article_id: UUID, *, name: str, data: bytes
) -> ArticleFile:
    """Keeps a PDF file, or an image written anew, with the article. Locks the article. Five queries; seconds of
    processor time for the largest image.

    Raises UnsuitableDocument for anything else and above ``UPLOAD_MAX_BYTES``, FileTooLarge for an image above 40
    megapixels, TooManyDocuments above 20 of the article, NotFound, and what the scanner raises. Nothing is kept then.
    """
    content_type, data = _harmless(data)
    document = ArticleFile(
        id=uuid7(),
        article_id=article_id,
        name=clean_name(name, content_type),
        content_type=content_type,
        size=len(data),
        sha256=hashlib.sha256(data).digest(),
    )
    path = _path(organisation, document.id)
    try:
        write_file(path, data)
        scan_file(path)
        with transaction.atomic():
            article = Article.objects.select_for_update().filter(pk=article_id).first()
            if article is None:
                raise NotFound()
            if article.files.count() >= MAX_DOCUMENTS:
                raise TooManyDocuments()
            document.save(force_insert=True)
            record_audit(organisation.id, editor.id, "document.added", str(document.pk))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return document


def open_document(organisation: OrganisationRef, document_id: UUID) -> tuple[Path, ArticleFile]:
    """The file and its row. Who may read it is the caller's to know. Raises NotFound. One query."""
    document = ArticleFile.objects.filter(pk=document_id).first()
    path = _path(organisation, document_id)
    if document is None or not path.is_file():
        raise NotFound()
    return path, document


def remove_document(organisation: OrganisationRef, editor: Editor, document_id: UUID) -> None:
    """Removes it: the row now, the file once that is committed. Again: no change. Two queries."""
    with transaction.atomic():
        removed, _each = ArticleFile.objects.filter(pk=document_id).delete()
        if removed:
            record_audit(organisation.id, editor.id, "document.removed", str(document_id))
            path = _path(organisation, document_id)
            transaction.on_commit(lambda: path.unlink(missing_ok=True), robust=True)


def remove_left_over_documents(organisation: OrganisationRef) -> int:
    """Removes files that no article names, a day after they were written; returns how many. One query per folder, of
    256. Run daily: a removed article takes the rows of its documents along, and an interrupted upload leaves none."""
    return remove_files_without_row(organisation, FOLDER, ArticleFile.objects.all())


def _harmless(data: bytes) -> tuple[str, bytes]:
    """What it is, and what of it may be kept."""
    if len(data) > settings.UPLOAD_MAX_BYTES:
        raise UnsuitableDocument()
    if data.startswith(PDF_BEGINS):
        return PDF, data
    if image_type(data) not in IMAGES:
        raise UnsuitableDocument()
    try:
        image = read_image(data)
    except UnsuitableFile as error:
        raise UnsuitableDocument() from error
    return image.content_type, image.data


def _path(organisation: OrganisationRef, document_id: UUID) -> Path:
    return file_path(organisation, FOLDER, document_id)
