import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

TRAIN = """text,category
How do I send it back?,returns
Can I return shoes?,returns
I want to give this parcel back,returns
Where is my parcel?,delivery
When does the courier come?,delivery
How long does delivery take?,delivery
Can I pay with a card?,paying
Do you take credit cards?,paying
Is paying later possible?,paying
"""
TEST = """text,category
can i send back my shoes,returns
when does my parcel come,delivery
paying with credit card,paying
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    train.write_text(TRAIN)
    test.write_text(TEST)
    return train, test


def figures(*arguments: str | Path) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("evaluate_suggestions", *map(str, arguments), "--json", stdout=out)
    told: list[dict[str, Any]] = json.loads(out.getvalue())["figures"]
    return told


def test_ours_and_both_rivals_answer_the_same_questions(files: tuple[Path, Path]) -> None:
    ours, postgres, plain = figures(*files, "--variants", "3")

    assert [one["name"] for one in (ours, postgres, plain)] == ["ours", "PostgreSQL ts_rank", "BM25, one text each"]
    assert all(one["questions"] == 3 and one["hit_at_1"] == 1 for one in (ours, postgres, plain))
    assert (ours["answered"] is None, postgres["answered"]) == (False, None)


def test_every_answer_counts_when_the_threshold_is_nothing(files: tuple[Path, Path]) -> None:
    ours = figures(*files, "--threshold", "0")[0]

    assert (ours["answered"], ours["precision"]) == (1, 1)


def test_what_is_learned_is_what_was_not_drawn(files: tuple[Path, Path], tmp_path: Path) -> None:
    everything = tmp_path / "asked.csv"
    everything.write_text(TRAIN)

    drawn = figures(files[0], everything, "--variants", "1")[0]
    with_the_rest = figures(files[0], everything, "--variants", "1", "--learn")[0]

    assert drawn["hit_at_1"] < 1
    assert with_the_rest["hit_at_1"] == 1


def test_a_file_without_the_columns_is_refused_by_name(files: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("question,answer\na,b\n")

    with pytest.raises(CommandError, match=r"other\.csv: the first line must name the columns"):
        figures(files[0], other)


def test_a_row_with_nothing_in_it_is_refused_by_line(files: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("text,category\nWhere is it?,delivery\n,delivery\n")

    with pytest.raises(CommandError, match="line 3"):
        figures(files[0], other)
