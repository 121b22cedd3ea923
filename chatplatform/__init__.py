"""Wiring: settings, addresses, server entry points. Nothing imports this package but the processes that start it."""

from chatplatform.celery import app as celery_app

__all__ = ["celery_app"]
