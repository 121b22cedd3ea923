"""Tests: as development, with fast password hashing; the test session sets the addresses of its own services."""

from chatplatform.settings.dev import *  # noqa: F403

SECRET_KEY = "tests only"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
