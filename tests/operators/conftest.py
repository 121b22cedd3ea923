"""The same desk of the test's own as the conversations' tests have."""

from tests.conversations.conftest import hire, noon

__all__ = ["hire", "noon"]
