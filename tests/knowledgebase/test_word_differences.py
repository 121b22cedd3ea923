"""What changed, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledgebase.word_differences import Change, Piece, word_changes

pytestmark = pytest.mark.no_database


def shown(before: str, after: str) -> str:
    marks = {Change.SAME: "{}", Change.REMOVED: "[-{}-]", Change.ADDED: "[+{}+]"}
    return "".join(marks[piece.change].format(piece.text) for piece in word_changes(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("within 30 days", "within 14 days", "within [-30-][+14+] days"),
        ("within two weeks, unworn", "within one month, unworn", "within [-two weeks-][+one month+], unworn"),
        ("", "new words", "[+new words+]"),
        ("old words", "", "[-old words-]"),
        ("the same", "the same", "the same"),
        ("返品は30日以内です", "返品は14日以内です", "返品は[-30-][+14+]日以内です"),
    ],
)
def test_only_what_changed_is_marked(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


TEXTS = st.text(alphabet="ab 日\n.,", max_size=30)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_the_pieces(before: str, after: str) -> None:
    pieces: tuple[Piece, ...] = word_changes(before, after)

    assert "".join(one.text for one in pieces if one.change is not Change.ADDED) == before
    assert "".join(one.text for one in pieces if one.change is not Change.REMOVED) == after
    assert all(one.text for one in pieces)
