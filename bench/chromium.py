"""Chromium for measurements and tests: where it is, and how it is started."""

import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Instead of Playwright's own list, which also switches off the partitioned storage of real browsers: without
    # that a frame of another site may store nothing at all.
    "--disable-features=HttpsUpgrades,MediaRouter,OptimizationHints,Translate",
]


def find_chromium() -> str | None:
    """The path of the first that is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)
