import pytest

from chatplatform.replay.client import Counters
from chatplatform.replay.comparison import Differences
from chatplatform.replay.dialogues import Dialogue, Turn
from chatplatform.replay.play import Play, Plays, Site
from chatplatform.replay.summary import Outcome, figures, milliseconds, percentile, table

pytestmark = pytest.mark.no_database


def an_outcome(*, finished: bool = True, differences: Differences | None = None) -> Outcome:
    play = Play(Dialogue("a", (Turn("visitor", "Hi"), Turn("operator", "Yes"))), Site("acme", "acme.localhost", "shop"))
    play.sent_at = {0: 1.0, 1: 2.0}
    play.is_finished = play.is_rated = finished
    plays = Plays()
    plays.add(play)
    plays.measured.delivery += [0.002, 0.004]
    return Outcome(plays, Counters(reconnects=2), differences or Differences(), seconds=4.0)


def test_a_percentile_is_a_measured_value() -> None:
    values = [float(value) for value in range(1, 101)]

    assert [percentile(values, percent) for percent in (1, 50, 95, 99, 100)] == [1, 50, 95, 99, 100]
    assert percentile([3.0], 50) == 3
    assert percentile([], 50) is None
    assert milliseconds([0.0012345], 50, 99) == {"p50": 1.23, "p99": 1.23}


def test_the_figures_say_what_happened() -> None:
    numbers = figures(an_outcome())

    assert numbers["conversations"] == 1
    assert numbers["messages"] == 2
    assert numbers["messages_per_second"] == 0.5
    assert numbers["delivery_ms"] == {"p50": 2.0, "p99": 4.0}
    assert numbers["ack_ms"] == {"p50": None, "p99": None}
    assert (numbers["rated"], numbers["reconnects"], numbers["unfinished"]) == (1, 2, 0)
    assert {numbers[name] for name in ("lost", "duplicated", "reordered", "foreign", "altered")} == {0}
    assert "p50 2.0   p99 4.0" in table(numbers)


def test_any_defect_and_any_unfinished_dialogue_spoils_the_run() -> None:
    assert an_outcome().is_good
    assert not an_outcome(finished=False).is_good
    for name in ("lost", "duplicated", "reordered", "foreign", "altered"):
        assert not an_outcome(differences=Differences(**{name: {"one"}})).is_good
