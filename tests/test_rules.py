"""docs/rules.md names every rule once, points at files that exist, and its debts only shrink."""

import re

import pytest

from chatplatform.embedded.__main__ import ROOT

pytestmark = pytest.mark.no_database

RULES = range(1, 46)
DEBTS = {31, 33, 38, 41}
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.*?) ?\| (.*?) ?\|$", re.M)


def table() -> dict[int, tuple[list[str], list[str]]]:
    """Rule → (where it is kept, what proves it)."""
    text = (ROOT / "docs/rules.md").read_text()
    rows = [(int(number), re.findall(r"`(.+?)`", kept), re.findall(r"`(.+?)`", proved))
            for number, _what, kept, proved in ROW.findall(text)]  # fmt: skip
    assert [number for number, _kept, _proved in rows] == list(RULES)
    return {number: (kept, proved) for number, kept, proved in rows}


def test_every_rule_points_at_files_that_exist() -> None:
    named = {path for kept, proved in table().values() for path in (*kept, *proved)}

    assert sorted(path for path in named if not (ROOT / path).is_file()) == []
    assert all(path.startswith("tests/") for _kept, proved in table().values() for path in proved)


def test_the_rules_without_proof_are_known() -> None:
    """Proved another one? Name its test in docs/rules.md and take the number out here."""
    assert {number for number, (_kept, proved) in table().items() if not proved} == DEBTS


def test_every_rule_that_a_test_names_exists() -> None:
    named = {
        int(number)
        for path in (ROOT / "tests").rglob("*.py")
        for number in re.findall(r"\brules? (\d+)\b", path.read_text())
    }

    assert named <= set(RULES)
