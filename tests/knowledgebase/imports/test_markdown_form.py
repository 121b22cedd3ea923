"""A folder of Markdown files, ours and anybody's, as a folder and as a ZIP."""

import io
import zipfile
from pathlib import Path

import pytest

from knowledgebase.imports import sources
from knowledgebase.imports.reading import Found, read
from knowledgebase.imports.sources import File, Unreadable, source_at

pytestmark = pytest.mark.no_database


def found(*files: tuple[str, str]) -> Found:
    given = [File(name, text.encode()) for name, text in files]
    return read(given, form="", language="en", languages=("en", "nl"))


def zipped(*files: tuple[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return written.getvalue()


def opened(data: bytes) -> Found:
    return read([File("articles.zip", data)], form="markdown", language="en", languages=("en", "nl"))


def test_fields_stand_between_two_lines_and_the_text_below() -> None:
    result = found(
        (
            "returns.nl.md",
            "---\n"
            'title: "Terugsturen: hoe?"\n'
            "audience: visitors\n"
            "short-reply: |\n"
            "  Dat kan.\n"
            "\n"
            "  Binnen 30 dagen.\n"
            "questions:\n"
            "- Mag het terug?\n"
            "- 'Kan ''t ook in de winkel?'\n"
            "related: [refund, exchange]\n"
            "source:\n"
            "---\n"
            "\n"
            "# Uitleg\n\nLang verhaal.\n",
        )
    )

    assert result.problems == ()
    (row,) = result.rows
    assert (row.slug, row.language) == ("returns", "nl")
    assert row.values == {
        "title": "Terugsturen: hoe?",
        "audience": "visitors",
        "short_reply": "Dat kan.\n\nBinnen 30 dagen.",
        "questions": ("Mag het terug?", "Kan 't ook in de winkel?"),
        "related": ("refund", "exchange"),
        "source": "",
        "long_text": "# Uitleg\n\nLang verhaal.",
    }


def test_a_file_without_fields_has_its_title_in_the_first_heading() -> None:
    result = found(("help/nl/Ruilen & meer.md", "\n# Ruilen\n\nDat kan.\n"))

    (row,) = result.rows
    assert (row.slug, row.language) == ("ruilen-meer", "nl")
    assert row.values == {"title": "Ruilen", "long_text": "Dat kan."}


def test_problems_name_file_and_line() -> None:
    result = found(
        ("a.md", '---\ntitle: A\nwat: x\n\njust words\ntitle: B\nquestions:\n- "open\n---\ntext'),
        ("b.md", "---\ntitle: B\n"),
        ("c.md", "only text"),
    )

    assert [str(problem.place) for problem in result.problems] == [
        "a.md:3",
        "a.md:5",
        "a.md:6",
        "a.md:8",
        "b.md:1",
        "c.md:1",
    ]


def test_a_zip_is_read_in_memory_and_only_its_markdown() -> None:
    result = opened(zipped(("en/a.md", "# A\nx"), ("__MACOSX/a.md", "# No"), (".git/b.md", "# No"), ("p.png", "no")))

    assert [row.slug for row in result.rows] == ["a"]
    assert result.problems == ()


@pytest.mark.parametrize("name", ["../a.md", "/etc/a.md", "x/../../a.md", "..\\a.md", "C:\\a.md"])
def test_a_path_that_leads_out_of_the_zip_is_refused(name: str) -> None:
    result = opened(zipped(("good.md", "# Good\nx"), (name, "# A\nx")))

    assert result.rows == ()
    assert "leads out of the ZIP" in result.problems[0].text


def test_a_zip_that_unfolds_to_far_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", 50_000)
    bomb = zipped(("a.md", "# A\n" + "x" * 60_000))

    assert len(bomb) < 1000
    assert "import it in parts" in opened(bomb).problems[0].text
    assert opened(bomb).rows == ()


def test_more_files_than_the_bound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FILES", 3)

    assert "more than 3 files" in opened(zipped(*((f"{n}.md", f"# {n}\nx") for n in range(4)))).problems[0].text


def test_a_broken_zip_and_an_empty_one_are_told() -> None:
    whole = zipped(("a.md", "# A\nx"))

    assert "cannot be opened" in opened(whole[:-10]).problems[0].text
    assert "cannot be opened" in opened(b"PK\x03\x04nonsense").problems[0].text
    assert "no Markdown files" in opened(zipped(("a.txt", "x"))).problems[0].text


def test_a_folder_is_read_with_its_folders_and_without_its_links(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("# Not this")
    folder = tmp_path / "folder"
    (folder / "nl").mkdir(parents=True)
    (folder / "nl" / "b.md").write_text("# B\nx")
    (folder / "a.md").write_text("# A\nx")
    (folder / "link.md").symlink_to(tmp_path / "secret.md")

    assert [file.name for file in source_at(folder)] == ["a.md", "nl/b.md"]
    with pytest.raises(Unreadable):
        source_at(tmp_path / "nothing.md")
