"""Development: embedded PostgreSQL and Redis, demo hosts, a clock that may be moved."""

import os

from chatplatform.settings.base import *  # noqa: F403
from chatplatform.settings.base import DATA_DIR, PORT, database, env, use_redis

# A running `make run` writes where its services listen, so that a second terminal needs no variables.
_services = DATA_DIR / "services.env"
if _services.exists():
    for _line in _services.read_text().splitlines():
        _key, _, _value = _line.partition("=")
        if _key in ("DATABASE_URL", "REDIS_URL"):
            os.environ.setdefault(_key, _value)
        if _key == "EMAIL_PORT" and "EMAIL_HOST" not in os.environ:
            EMAIL_PORT = int(_value)

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY", "development only: not a secret, and refused by the production settings")
DATABASES = database("postgresql://postgres@localhost/chatplatform")
REDIS_URL = env.redis("REDIS_URL", "redis://localhost:6379/0")
CHANNEL_LAYERS, CELERY_BROKER_URL = use_redis(REDIS_URL)
PLATFORM_CLOCK_MOVABLE = True
DEMO_HOSTS = {
    "acme-shop.localhost": f"acme.localhost:{PORT}",
    "globex-bank.localhost": f"globex.localhost:{PORT}",
}
MAILBOX_FOLDER = DATA_DIR / "mail"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0
# Nothing is collected: whitenoise reads the sources themselves.
STATIC_ROOT = None
