"""Import and export on the organisation's site: uploaded, looked at, confirmed, by one manager for one organisation."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledgebase.content import content_of
from knowledgebase.imports import sources
from knowledgebase.models import Article, ArticleVersion
from knowledgebase.services.articles import save_article
from tenants.context import OrganisationRef, in_organisation
from tenants.models import AuditRecord
from tests.cast import account, acme, globex, logged_in
from tests.knowledgebase.shelf import MAUD, lay_article, shelf_cleared

if TYPE_CHECKING:
    from django.test import Client

PAGE = "/admin/knowledgebase/revision/"


@pytest.fixture(autouse=True)
def _own_folder_and_clean_shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)
    with shelf_cleared(acme(), globex()):
        yield


def maud() -> "Client":
    return logged_in("maud@acme.example", "acme.localhost")


def mona() -> "Client":
    return logged_in("mona@globex.example", "globex.localhost")


def uploaded(client: "Client", text: str, name: str = "table.csv", **more: str) -> Any:
    file = SimpleUploadedFile(name, text.encode())
    return client.post(f"{PAGE}preview/", {"file": file, "language": "en", **more})


def confirmed(client: "Client", preview: Any) -> Any:
    found = re.search(r'name="fingerprint" value="(\w*)"', preview.content.decode())
    assert found
    return client.post(f"{PAGE}confirm/", {"fingerprint": found[1]}, follow=True)


def words(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def state_of(slug: str, organisation: OrganisationRef | None = None) -> str | None:
    def read(_organisation: OrganisationRef) -> str | None:
        return Article.objects.filter(slug=slug).values_list("state", flat=True).first()

    return in_organisation(organisation or acme(), read)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def a_slug() -> str:
    return f"page-{uuid4().hex[:12]}"


def test_a_manager_sees_what_would_change_and_confirms_it(tmp_path: Path) -> None:
    slug, client = a_slug(), maud()
    before = AuditRecord.objects.filter(organisation_id=acme().id, action="articles.imported").count()

    seen = uploaded(client, f"slug,title,short_reply\n{slug},Is it <b>dry</b>?,Yes.\n")

    assert "Is it &lt;b&gt;dry&lt;/b&gt;? " in words(seen)
    assert "New 1 Changed 0 Unchanged 0 Going live 0" in words(seen)
    assert state_of(slug) is None
    assert files_in(tmp_path) == [f"{acme().schema_name}/imports/{account('maud@acme.example').pk}"]

    done = confirmed(client, seen)

    assert "Imported: 1 new article, 0 changed." in words(done)
    assert state_of(slug) == Article.State.DRAFT
    assert state_of(slug, globex()) is None
    assert files_in(tmp_path) == []
    version = in_organisation(acme(), lambda _: ArticleVersion.objects.get(article__slug=slug))
    assert (version.by_name, version.by_id) == ("Maud", account("maud@acme.example").pk)
    assert AuditRecord.objects.filter(organisation_id=acme().id, action="articles.imported").count() == before + 1


def test_changed_words_are_marked_and_what_is_seen_at_once_is_said() -> None:
    laid = lay_article(acme())

    seen = uploaded(
        maud(), f"slug,title,short_reply\n{laid.slug},Returning anything,You can return it within 30 days.\n"
    )

    assert "<del>something</del><ins>anything</ins>" in seen.content.decode()
    assert "seen at once" in words(seen)


def test_drafts_go_live_when_the_manager_wants_it() -> None:
    slug, client = a_slug(), maud()

    done = confirmed(client, uploaded(client, f"slug,title,short_reply\n{slug},A,b\n", go_live="yes"))

    assert "1 went live" in words(done)
    assert state_of(slug) == Article.State.LIVE


def test_problems_are_told_with_their_lines_and_cannot_be_confirmed() -> None:
    slug, client = a_slug(), maud()

    seen = uploaded(client, f"slug,title,audience\n{slug},A,\n{slug}-2,B,everybody\n")
    done = confirmed(client, seen)

    assert "1 problem Nothing was imported." in words(seen)
    assert "table.csv line 3 “everybody” is no audience" in words(seen)
    assert "Import and let go live" not in words(seen)
    assert "Nothing was imported" in words(done)
    assert state_of(slug) is None


def test_what_is_here_already_is_not_offered_again() -> None:
    slug, client = a_slug(), maud()
    table = f"slug,title\n{slug},A\n"
    confirmed(client, uploaded(client, table))

    again = uploaded(client, table)

    assert "There is nothing to import." in words(again)


def test_a_preview_that_is_no_longer_true_is_shown_anew_and_imports_nothing() -> None:
    laid, client = lay_article(acme(), is_live=False), maud()
    seen = uploaded(client, f"slug,title\n{laid.slug},From the file\n")
    in_organisation(acme(), lambda _: change_the_source(laid))

    done = confirmed(client, seen)

    assert "Articles have changed since you looked at the preview." in words(done)
    assert "<del>Returning something</del><ins>From the file</ins>" in done.content.decode()
    assert in_organisation(acme(), lambda _: laid.texts.get().title) == "Returning something"

    assert "1 changed" in words(confirmed(client, done))
    assert in_organisation(acme(), lambda _: laid.texts.get().title) == "From the file"


def change_the_source(laid: Article) -> None:
    """Somebody else changes the article."""
    stored = Article.objects.get(pk=laid.pk)
    save_article(MAUD, stored.pk, replace(content_of(stored), source="somebody else"), "meanwhile")


def test_a_managers_upload_is_nobody_elses() -> None:
    slug = a_slug()
    seen = uploaded(maud(), f"slug,title\n{slug},A\n")

    done = confirmed(mona(), seen)

    assert "choose it again" in words(done)
    assert state_of(slug) is None
    assert state_of(slug, globex()) is None


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("knowledgebase.admin_imports.MAX_BYTES", 10)

    response = uploaded(maud(), "title\n" + "x" * 20)

    assert response.status_code == 302
    assert files_in(tmp_path) == []
    assert sources.MAX_BYTES == 8 * 1024 * 1024


@pytest.mark.parametrize(
    ("form", "ending"), [("csv", ".csv"), ("json", ".json"), ("markdown", ".zip"), ("nonsense", ".csv")]
)
def test_everything_can_be_taken_home_and_only_ones_own(form: str, ending: str) -> None:
    lay_article(globex(), slug=(theirs := a_slug()))
    lay_article(acme(), slug=(own := a_slug()))
    client = maud()

    response = client.get(f"{PAGE}export/", {"form": form})

    assert response.headers["Content-Disposition"].endswith(f'{ending}"')
    assert response.headers["Cache-Control"].startswith("private, no-store")
    assert own.encode() in response.content
    assert theirs.encode() not in response.content
    back = client.post(
        f"{PAGE}preview/", {"file": SimpleUploadedFile(f"a{ending}", response.content), "language": "en"}
    )
    assert "There is nothing to import." in words(back)
