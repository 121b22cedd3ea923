"""Acme and Globex, open all day, and somebody at the desk for both: fixtures for the folders that import them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # this file is read before Django's apps are ready
    from tenants.context import OrganisationRef
    from tests.desk_people import Colleague


@pytest.fixture(scope="module", autouse=True)
def both_open_all_day(platform_database: None) -> Iterator[None]:
    from tests.cast import acme, globex
    from tests.desk_people import open_all_day

    with open_all_day(acme(), globex()):
        yield


@pytest.fixture(autouse=True)
def nobody_left_over(empty_desk: None) -> None:
    """Of the test before."""


@pytest.fixture
def olga() -> "Iterator[Colleague]":
    """Operates for both organisations."""
    from tests.cast import acme, globex

    yield from _hired(acme(), globex())


@pytest.fixture
def omar() -> "Iterator[Colleague]":
    """Operates for Acme only."""
    from tests.cast import acme

    yield from _hired(acme())


def _hired(*organisations: "OrganisationRef") -> "Iterator[Colleague]":
    """A slow server may hear of them once more after the test: they answer for nobody then."""
    from tests.conversations.scene import dismiss_operators
    from tests.desk_people import colleague_of

    colleague = colleague_of(*organisations)
    yield colleague
    dismiss_operators([colleague.id])
