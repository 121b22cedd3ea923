"""``manage.py simulate_ratings``."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ratings.simulation import truth

pytestmark = pytest.mark.no_database


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("simulate_ratings", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _smaller_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth.Truth.__init__, "__defaults__", (50_000,))


def test_each_driver_stands_beside_its_truth() -> None:
    text = printed("--seed", "1", "--conversations", "3000")

    assert "3,000 ratings, seed 1" in text
    assert "first_wait_seconds: 15 instead of 60" in text
    assert "purpose: all complaint, instead of as it was" in text
    assert "of 14 covered" in text


def test_the_figures_for_programs() -> None:
    found = json.loads(printed("--seed", "2", "--conversations", "3000", "--json"))

    assert found["ratings"] == 3000
    row = found["checked"][0]
    assert row["is_covered"] == (row["low"] <= row["truth"] <= row["high"])


def test_an_unusable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.json"):
        printed("--true-effects", str(tmp_path / "none.json"))
    with pytest.raises(CommandError, match="seed"):
        printed("--conversations", "0")
