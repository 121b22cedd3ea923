from pathlib import Path

import pytest

from chatplatform.replay.dialogues import BadDialogue, Dialogue, Turn, read_dialogues

pytestmark = pytest.mark.no_database


def test_dialogues_are_read_up_to_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "dialogues.jsonl"
    line = '{"id": "%s", "services": ["Tents"], "turns": [["visitor", "Hi — é"], ["operator", "Yes"]]}\n'
    file.write_text(line % "a" + "\n" + line % "b" + line % "c")

    found = read_dialogues(file, 2)

    turns = (Turn("visitor", "Hi — é"), Turn("operator", "Yes"))
    assert found == [Dialogue("a", turns), Dialogue("b", turns)]
    assert len(read_dialogues(file)) == 3


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        '{"id": "a"}',
        '{"id": "a", "turns": []}',
        '{"id": "a", "turns": [["operator", "Hi"]]}',
        '{"id": "a", "turns": [["visitor", ""]]}',
        '{"id": "a", "turns": [["agent", "Hi"]]}',
    ],
)
def test_what_cannot_be_played_is_refused_by_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "dialogues.jsonl"
    file.write_text('{"id": "a", "turns": [["visitor", "Hi"]]}\n' + line)

    with pytest.raises(BadDialogue, match=r"^Line 2: "):
        read_dialogues(file)


def test_a_mark_is_the_same_in_every_run_and_every_mark_occurs() -> None:
    marks = [Dialogue(f"dialogue-{number}", ()).mark for number in range(200)]

    assert set(marks) == set(range(1, 11))
    assert marks[:5] == [Dialogue(f"dialogue-{number}", ()).mark for number in range(5)]
    assert Dialogue("114_00126", ()).mark == 4
