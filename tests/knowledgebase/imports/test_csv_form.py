"""A table of articles: its lines, its forms, and what a spreadsheet would make of it."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledgebase.imports.csv_form import guarded, unguarded, written_csv
from knowledgebase.imports.reading import Found, read
from knowledgebase.imports.sources import File

pytestmark = pytest.mark.no_database


def found(text: str | bytes, name: str = "articles.csv") -> Found:
    data = text.encode() if isinstance(text, str) else text
    return read([File(name, data)], form="", language="en", languages=("en", "nl"))


def told(result: Found) -> list[tuple[int, str]]:
    return [(problem.place.line, problem.text) for problem in result.problems]


def test_a_row_is_an_article_in_one_language() -> None:
    result = found(
        "slug,language,title,short_reply,questions,points,audience,valid_until,related\n"
        'returns,nl,Terugsturen,"Dat kan, binnen 30 dagen.","Kan ik ruilen?\nMag het terug?",Gratis,visitors,'
        '2027-01-31,"refund, exchange"\n'
    )

    assert result.problems == ()
    (row,) = result.rows
    assert (row.slug, row.language, row.place.line) == ("returns", "nl", 2)
    assert row.values == {
        "title": "Terugsturen",
        "short_reply": "Dat kan, binnen 30 dagen.",
        "questions": ("Kan ik ruilen?", "Mag het terug?"),
        "points": ("Gratis",),
        "audience": "visitors",
        "valid_until": date(2027, 1, 31),
        "related": ("refund", "exchange"),
    }


@pytest.mark.parametrize("data", ["question;answer\nWhere?;Here\n", "Question\tAnswer\nWhere?\tHere\n"])
def test_a_plain_list_of_questions_and_answers_will_do(data: str) -> None:
    for text in (data, data.encode("utf-8-sig"), data.encode("utf-16"), data.replace("\n", "\r\n")):
        (row,) = found(text).rows

        assert (row.slug, row.language) == ("where", "en")
        assert row.values == {"title": "Where?", "short_reply": "Here"}


def test_a_problem_names_the_line_its_row_begins_on() -> None:
    result = found(
        "title,language,short_reply,audience,review_on,questions\n"
        'One,en,"two\nlines\nand a third",,,\n'
        "Two,fr,x,everybody,next week,\n"
        "\n"
        f"{'x' * 201},en,x,,,\n"
        f"Three,en,x,,,{'y' * 301}\n"
        ",en,x,,,\n"
    )

    assert [line for line, _text in told(result)] == [5, 5, 5, 7, 8, 9]
    texts = " ".join(text for _line, text in told(result))
    for words in ("“fr”", "“everybody”", "“next week”", "201 characters", "“questions” is too long", "no title"):
        assert words in texts


def test_columns_that_are_not_known_or_there_twice_are_told_with_what_is_known() -> None:
    assert told(found("title,titel\nx,y\n"))[0][1].startswith("The column “titel” is not known. Known are: slug,")
    assert "there twice" in told(found("title,Question\nx,y\n"))[0][1]
    assert "no column “title”" in told(found("language\nen\n"))[0][1]
    assert told(found("")) == [(1, "The file is empty: the first line names the columns.")]
    assert told(found("title\n")) == [(1, "There are no articles in it.")]


def test_a_row_with_more_cells_than_columns_is_no_guess() -> None:
    assert told(found("title,short_reply\nA,b\nHow,yes, no\n"))[0][0] == 3


def test_an_open_quotation_mark_is_found_where_its_row_begins() -> None:
    assert told(found('title,short_reply\nA,b\nHow,"yes\nC,d\n'))[0][0] == 3


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    (problem,) = found("title\nCafé\n".encode("latin-1")).problems

    assert problem.place.line == 2
    assert "UTF-8" in problem.text


def test_one_article_twice_in_a_language_and_a_contradiction_are_told() -> None:
    result = found(
        "slug,language,title,topic\na,en,A,\na,nl,A,delivery\na,en,B,returns\n",
    )

    assert [line for line, _text in told(result)] == [4, 4]
    assert "articles.csv:2" in told(result)[0][1] + told(result)[1][1]


def test_no_cell_that_is_written_is_a_formula() -> None:
    row: dict[str, str | tuple[str, ...]] = {
        "slug": "a",
        "language": "en",
        "title": '=HYPERLINK("x")',
        "points": ("+1", "x"),
        "questions": ("@a", "-b"),
    }

    written = written_csv([row])

    cells = list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))[1]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
    assert found(written).rows[0].values["title"] == '=HYPERLINK("x")'
    assert found(written).rows[0].values["questions"] == ("@a", "-b")


@given(st.text(alphabet="'=+-@\t\rab", max_size=8))
def test_the_guard_comes_off_as_it_went_on(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r")
