"""What holds in every environment. ``dev``, ``test`` and ``prod`` import this and say what differs."""

import gc
import os
from pathlib import Path

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from chatplatform.settings.environment import Environment

# Set before numpy is imported. Its matrices are small here: more threads only take the cores from other processes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A start makes hundreds of thousands of objects that stay: looking for garbage among them after every 700 takes a sixth
# of it. After 10,000, a look takes about two milliseconds.
gc.set_threshold(10_000, 20, 20)

env = Environment()

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = env.path("DATA_DIR", BASE_DIR / ".data")
PORT = env.number("PORT", 8000, low=1, high=65535)

# Hosts. An organisation's own hosts are rows (tenants.Domain); the desk's is one setting.
DESK_HOST = env.host("DESK_HOST", "desk.localhost")
PUBLIC_SCHEME = env.choice("PUBLIC_SCHEME", ["http", "https"], "http")
PUBLIC_PORT = env.number("PUBLIC_PORT", PORT, low=1, high=65535)
# Hosts are checked against the rows by tenants.hosts, which knows them all: an unknown one gets nothing.
ALLOWED_HOSTS = ["*"]
DEMO_HOSTS: dict[str, str] = {}

# Apps. Shared ones live in the public schema, tenant ones in each organisation's; none is in both.
SHARED_APPS = [
    "django_tenants",
    "chatplatform",
    "tenants",
    "operators",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
TENANT_APPS = ["knowledgebase", "conversations", "ratings"]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]
TENANT_MODEL = "tenants.Organisation"
TENANT_DOMAIN_MODEL = "tenants.Domain"
TENANT_LIMIT_SET_CALLS = True
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]

# How many database connections one process may hold: Django's pool for ordinary work, the journal's for messages.
DATABASE_POOL_SIZE = env.number("DATABASE_POOL_SIZE", 8, low=2, high=100)
JOURNAL_POOL_SIZE = env.number("JOURNAL_POOL_SIZE", 4, low=2, high=20)
DATABASES = {
    "default": {
        "ENGINE": "django_tenants.postgresql_backend",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10},
            "connect_timeout": 5,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Only databases made for development and tests let platform_now() be moved (see tenants.clock).
PLATFORM_CLOCK_MOVABLE = False

MIDDLEWARE = [
    "tenants.hosts.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chatplatform.static_files.StaticFilesMiddleware",
    "tenants.sessions.HostBoundSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "tenants.headers.ResponseHeadersMiddleware",
]
ROOT_URLCONF = "chatplatform.urls_nowhere"
ORGANISATION_URLCONF = "chatplatform.urls_organisation"
DESK_URLCONF = "chatplatform.urls_desk"
DEMO_URLCONF = "chatplatform.urls_demo"
ASGI_APPLICATION = "chatplatform.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Accounts. Permission comes from a membership or staff role on this host, never from Django's groups.
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["tenants.authentication.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

# Cookies are host-only; browsers ignore the port, so the name carries it.
SESSION_COOKIE_NAME = f"session_{PUBLIC_PORT}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = f"csrf_{PUBLIC_PORT}"
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = f"language_{PUBLIC_PORT}"
LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nl", _("Dutch")), ("ja", _("Japanese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["chatplatform.formats"]
# 12,345 for people. In an attribute of a page a number is written with |unlocalize.
USE_THOUSAND_SEPARATOR = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# The platform's own day: shifts, and what "today" means for supervisors. Clients keep their own zones.
PLATFORM_TIME_ZONE = env.text("PLATFORM_TIME_ZONE", "Europe/Amsterdam")

# How many of each operator's conversations of a week are sampled for a quality review.
REVIEWS_PER_OPERATOR_AND_WEEK = env.number("REVIEWS_PER_OPERATOR_AND_WEEK", 2, low=0, high=50)

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "uploads"
UPLOAD_MAX_BYTES = 8 * 1024 * 1024
# No request has a longer body than an upload in its form; chatplatform.body_limit stops reading there.
REQUEST_MAX_BYTES = UPLOAD_MAX_BYTES + 1024 * 1024
# A dotted path to ``scan(path: Path) -> None`` that raises tenants.errors.InfectedFile; none by default.
UPLOAD_SCANNER = env.text("UPLOAD_SCANNER", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# What one process may remember of all organisations' articles; what was asked least recently goes first.
KNOWLEDGE_MEMORY_MEGABYTES = env.number("KNOWLEDGE_MEMORY_MEGABYTES", 256, low=16, high=65_536)

# Redis. Every client has a timeout: without one a dead server holds a process for ever.
REDIS_CONNECT_TIMEOUT_SECONDS = 2
REDIS_SOCKET_TIMEOUT_SECONDS = 5
REALTIME_SOCKET_TIMEOUT_SECONDS = 30

# Celery carries the fast path only: what must happen is a row first and a sweep finds it.
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    # Before the rest: a mail server that hangs may keep no conversation from its operator.
    "conversations.tasks.send_mail": {"queue": "default"},
    # Nobody waits for these.
    "conversations.tasks.collect_gaps*": {"queue": "reports"},
    "conversations.tasks.*": {"queue": "routing"},
    "ratings.tasks.*": {"queue": "reports"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": REALTIME_SOCKET_TIMEOUT_SECONDS,
    "socket_connect_timeout": REDIS_CONNECT_TIMEOUT_SECONDS,
    "visibility_timeout": 600,
    # Of a producer's first connection; without these it is tried again for 6 s while Redis is gone.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
CELERY_BEAT_SCHEDULE = {
    "worker-pulse": {"task": "tenants.tasks.record_worker_pulse", "schedule": 10.0, "options": {"expires": 9}},
    "provision-organisations": {"task": "tenants.tasks.provision_waiting_organisations", "schedule": 30.0},
    "nightly-reports": {"task": "ratings.tasks.build_due_reports", "schedule": crontab(minute="*/10")},
    "statements": {
        "task": "ratings.tasks.build_due_statements",
        "schedule": crontab(minute="25"),
        "options": {"expires": 3000},
    },
    "half-hours": {
        "task": "operators.tasks.count_half_hours_across_organisations",
        "schedule": crontab(minute="3,33"),
        "options": {"expires": 1500},
    },
    "unsent-images": {
        "task": "conversations.tasks.remove_unsent_across_organisations",
        "schedule": crontab(hour="3", minute="20"),
    },
    "gaps": {
        "task": "conversations.tasks.collect_gaps_across_organisations",
        "schedule": crontab(minute="5-59/10"),
        "options": {"expires": 600},
    },
    "rating-mails": {
        "task": "ratings.tasks.mail_asks_across_organisations",
        "schedule": crontab(minute="2-59/10"),
        "options": {"expires": 600},
    },
    "quality-reviews": {"task": "ratings.tasks.sample_reviews", "schedule": crontab(hour="3", minute="50")},
    "old-turns": {
        "task": "operators.tasks.forget_turns_across_organisations",
        "schedule": crontab(hour="3", minute="40"),
    },
}

# Mail. Every wait has an end: a server that hangs holds one mail at a time, never a sweep.
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.number("EMAIL_PORT", 1025, low=1, high=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", f"no-reply@{DESK_HOST}")

LOG_LEVEL = env.choice("LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"celery": {"level": "WARNING"}, "daphne": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}


def database(url_default: str | None) -> dict:
    """``DATABASES`` for the URL in the environment, or the default given."""
    return {"default": {**DATABASES["default"], **env.database("DATABASE_URL", url_default)}}


def use_redis(url: str) -> tuple[dict, str]:
    """``CHANNEL_LAYERS`` and the Celery broker for one Redis address."""
    layers = {"default": {"BACKEND": "tenants.realtime.RealtimeLayer", "CONFIG": {"url": url}}}
    # kombu spells a unix socket redis+socket://
    return layers, url.replace("unix://", "redis+socket://", 1)
