"""For checks that must not ask a database: `make check` compares models with migrations on any machine."""

from chatplatform.settings.dev import *  # noqa: F403

DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
