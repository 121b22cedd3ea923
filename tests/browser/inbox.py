"""The rows of a desk in a real browser."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def section(page: "Page", name: str) -> "Locator":
    """Under this heading: "Mine", "Waiting"."""
    return page.locator("section", has=page.get_by_role("heading", name=name))


def own_row(page: "Page", words: str) -> "Locator":
    """The row with these words, once it is the operator's own."""
    return section(page, "Mine").locator(".row", has_text=words)
