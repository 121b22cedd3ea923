"""The whole way: real sockets, server, worker and sweep; made-up dialogues, and recorded ones where there are any."""

import asyncio
import contextlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chatplatform.replay.comparison import compare_history
from chatplatform.replay.made_up import made_up_dialogues
from chatplatform.replay.platform import Platform, log_in
from chatplatform.replay.reading import read_as_operator, read_as_visitor
from chatplatform.replay.run import Replay
from chatplatform.replay.setup import prepare_ground
from conversations.models import Entry
from operators.models import Posting
from ratings.models import Rating
from tenants.context import in_organisation
from tenants.models import Organisation
from tenants.selectors import organisation_by_slug
from tests.servers import Started, WebServer, free_port

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "data" / "sgd_dialogues.jsonl"


def write_made_up(file: Path, count: int) -> None:
    lines = [
        {"id": dialogue.id, "turns": [[turn.sender, turn.text] for turn in dialogue.turns]}
        for dialogue in made_up_dialogues(count)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def replay(file: Path, server: WebServer, *arguments: str) -> dict[str, Any]:
    output = io.StringIO()
    with contextlib.suppress(SystemExit):  # the figures say what is wrong
        call_command("replay", file, "--json", "--url", server.address, *arguments, stdout=output, stderr=io.StringIO())
    return json.loads(output.getvalue())


def assert_all_arrived(numbers: dict[str, Any], dialogues: int) -> None:
    wrong = ("lost", "duplicated", "reordered", "foreign", "altered", "unfinished")
    assert {name: numbers[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert numbers["conversations"] == numbers["rated"] == dialogues


def marks_given(slug: str) -> list[int]:
    return in_organisation(organisation_by_slug(slug), lambda _: list(Rating.objects.values_list("mark", flat=True)))


def test_made_up_dialogues_arrive_whole_and_are_rated(
    tmp_path: Path, web_server: WebServer, worker: Started, sweep: Started
) -> None:
    file = tmp_path / "dialogues.jsonl"
    write_made_up(file, 30)

    numbers = replay(file, web_server, "--concurrency", "6")

    dialogues = made_up_dialogues(30)
    assert_all_arrived(numbers, 30)
    assert numbers["messages"] == sum(len(dialogue.turns) for dialogue in dialogues)
    assert min(numbers["delivery_ms"]["p99"], numbers["first_screen_ms"]["p50"], numbers["ack_ms"]["p50"]) > 0
    given = Counter(marks_given("measure-a") + marks_given("measure-b"))
    assert not Counter(dialogue.mark for dialogue in dialogues) - given


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded dialogues beside the checkout (../shared/data)")
def test_recorded_dialogues_arrive_whole(web_server: WebServer, worker: Started, sweep: Started) -> None:
    assert_all_arrived(replay(RECORDED, web_server, "--limit", "20", "--concurrency", "8"), 20)


def test_measuring_operators_serve_the_measuring_organisations_alone() -> None:
    ground = prepare_ground(operators=2)

    measuring = Posting.objects.filter(organisation__kind=Organisation.Kind.MEASUREMENT)
    assert {posting.operator.user.email for posting in measuring} >= set(ground.emails)
    assert not measuring.exclude(operator__user__email__endswith="@measure.example").exists()
    theirs = Posting.objects.filter(operator__user__email__endswith="@measure.example")
    assert not theirs.exclude(organisation__kind=Organisation.Kind.MEASUREMENT).exists()


def test_what_was_changed_behind_the_platforms_back_is_found(
    web_server: WebServer, worker: Started, sweep: Started
) -> None:
    platform = Platform.at(web_server.address)
    ground = prepare_ground(operators=2, port=platform.port)
    run = Replay(platform, ground, made_up_dialogues(1), concurrency=1, report=lambda _line: None)
    outcome = asyncio.run(run.run())
    [play] = outcome.plays.all
    assert outcome.is_good and play.conversation is not None

    organisation = organisation_by_slug(play.site.slug)
    in_organisation(organisation, lambda _: Entry.objects.filter(cid=play.cids[0]).update(body="Something else"))
    in_organisation(organisation, lambda _: Entry.objects.filter(cid=play.cids[1]).delete())

    login = log_in(platform, ground.desk, ground.emails[0], ground.password)
    for facts in (read_as_visitor(platform, play), read_as_operator(platform, ground.desk, login, play)):
        found = compare_history(play.conversation, play.sent(), facts)
        assert found.altered == {play.cids[0]}
        assert play.cids[1] in found.lost
        assert not (found.duplicated or found.reordered or found.foreign)


def test_a_platform_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "dialogues.jsonl"
    write_made_up(file, 1)

    with pytest.raises(CommandError, match="could not be used"):
        call_command("replay", file, "--url", f"http://127.0.0.1:{free_port()}")


def test_a_file_that_is_no_dialogue_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "dialogues.jsonl"
    file.write_text("nonsense\n")

    with pytest.raises(CommandError, match=r"^Line 1: "):
        call_command("replay", file)
