"""The Celery application. Tasks are found in each app's ``tasks`` module."""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatplatform.settings.dev")

app = Celery("chatplatform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def ask_for_first_pulse(**_: object) -> None:
    """A started worker proves itself at once: a fresh start is ready in seconds, not after beat's first turn."""
    app.send_task("tenants.tasks.record_worker_pulse")
