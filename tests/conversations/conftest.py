"""A desk of the test's own, at noon. Models are imported late: this file is read before Django is set up."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

if TYPE_CHECKING:
    from conversations.models import Specialist
    from operators.selectors import OperatorRef
    from tenants.context import OrganisationRef


@pytest.fixture
def noon(platform_database: None) -> Iterator[timedelta]:
    """This thread's clock shows the coming noon. The value moves other threads' clocks alike (``in_threads``)."""
    from tenants.clock import clock_moved
    from tests.conversations.scene import coming_noon

    ahead = coming_noon()
    with clock_moved(ahead):
        yield ahead


@pytest.fixture
def hire(noon: timedelta) -> Iterator[Callable[..., "OperatorRef"]]:
    """``hire_operator`` whose operators leave with the test. At noon nobody of other tests is still present."""
    from tests.conversations.scene import dismiss_operators, hire_operator

    hired: list[UUID] = []

    def hire_one(*organisations: "OrganisationRef", **how: object) -> "OperatorRef":
        operator = hire_operator(*organisations, **how)  # type: ignore[arg-type]
        hired.append(operator.id)
        return operator

    yield hire_one
    dismiss_operators(hired)


@pytest.fixture
def specialists(platform_database: None) -> "Iterator[list[Specialist]]":
    """Globex' two."""
    from tests.conversations.escalation_scene import hired_specialists

    with hired_specialists() as hired:
        yield hired
