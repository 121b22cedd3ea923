"""Articles in and out by the command line."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from knowledgebase.models import Article
from tenants.context import in_organisation
from tests.cast import acme
from tests.knowledgebase.shelf import lay_article, shelf_cleared


@pytest.fixture(autouse=True)
def _clean_shelf() -> Iterator[None]:
    with shelf_cleared(acme()):
        yield


def run(command: str, file: Path, *more: str) -> str:
    out = io.StringIO()
    call_command(command, "--organisation", acme().slug, str(file), *more, stdout=out, stderr=out)
    return out.getvalue()


def state_of(slug: str) -> str | None:
    return in_organisation(acme(), lambda _: Article.objects.filter(slug=slug).values_list("state", flat=True).first())


def test_a_folder_is_looked_at_then_taken_in_then_published(tmp_path: Path) -> None:
    (tmp_path / "nl").mkdir()
    (tmp_path / "nl" / "cmd-tent.md").write_text("# Is de tent waterdicht?\n\nJa, tot 3000 mm.\n")

    dry = run("import_articles", tmp_path, "--dry-run")
    assert "1 new, 0 changed, 0 unchanged, 0 to go live." in dry
    assert "dry run" in dry
    assert state_of("cmd-tent") is None

    assert "Imported." in run("import_articles", tmp_path)
    assert state_of("cmd-tent") == Article.State.DRAFT

    assert "0 new, 0 changed, 1 unchanged, 1 to go live." in run("import_articles", tmp_path, "--publish")
    assert state_of("cmd-tent") == Article.State.LIVE
    assert "Imported." not in run("import_articles", tmp_path, "--publish")


def test_a_problem_is_told_with_its_line_and_nothing_is_imported(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("slug,title,language\ncmd-good,A,en\ncmd-bad,B,xx\n")
    out = io.StringIO()

    with pytest.raises(CommandError, match="1 problems; nothing was imported"):
        call_command("import_articles", "--organisation", "acme", str(table), stdout=io.StringIO(), stderr=out)

    assert "table.csv:3: “xx” is none of the organisation's languages" in out.getvalue()
    assert state_of("cmd-good") is None
    with pytest.raises(CommandError, match="no such file"):
        run("import_articles", tmp_path / "nothing.csv")
    with pytest.raises(CommandError, match="no active organisation"):
        call_command("import_articles", "--organisation", "nobody", str(table))


@pytest.mark.parametrize("name", ["all.csv", "all.json", "all.zip", "folder"])
def test_what_is_exported_comes_back_unchanged(tmp_path: Path, name: str) -> None:
    laid = lay_article(acme())
    file = tmp_path / name

    written = run("export_articles", file, *(["--format", "markdown"] if name == "folder" else []))
    read = run("import_articles", file)

    count = in_organisation(acme(), lambda _: Article.objects.exclude(state=Article.State.RETIRED).count())
    assert f"{count} articles of" in written
    assert f"0 new, 0 changed, {count} unchanged" in read
    if name == "folder":
        assert (file / f"{laid.slug}.en.md").exists()


def test_an_export_needs_a_form_it_knows(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="say --format"):
        run("export_articles", tmp_path / "all.txt")
