"""Keys sort by the time they were made, and two are never the same."""

import time
import uuid

import pytest

from tenants.identifiers import uuid7

pytestmark = pytest.mark.no_database


def test_a_key_is_a_version_seven_uuid_of_now() -> None:
    before = time.time_ns() // 1_000_000
    key = uuid7()
    after = time.time_ns() // 1_000_000

    assert (key.version, key.variant) == (7, uuid.RFC_4122)
    assert before <= key.int >> 80 <= after


def test_keys_sort_by_time_within_a_millisecond_too(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = []
    for nanoseconds in range(1_700_000_000_000_000_000, 1_700_000_000_003_000_000, 1_000):
        monkeypatch.setattr(time, "time_ns", lambda now=nanoseconds: now)
        keys.append(uuid7())

    assert keys == sorted(keys)


def test_keys_of_one_moment_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)

    assert len({uuid7() for _ in range(10_000)}) == 10_000
