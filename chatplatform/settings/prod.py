"""Production: every secret and address must be given; nothing falls back to a development value."""

from django.core.exceptions import ImproperlyConfigured

from chatplatform.settings.base import *  # noqa: F403
from chatplatform.settings.base import database, env, use_redis

DEBUG = False
SECRET_KEY = env.text("SECRET_KEY", at_least=50)
if SECRET_KEY.startswith("development only"):
    raise ImproperlyConfigured("SECRET_KEY is the development one. Make a new one: .env.example says how.")
DATABASES = database(None)
REDIS_URL = env.redis("REDIS_URL")
CHANNEL_LAYERS, CELERY_BROKER_URL = use_redis(REDIS_URL)
DESK_HOST = env.host("DESK_HOST")
EMAIL_HOST = env.host("EMAIL_HOST")
EMAIL_PORT = env.number("EMAIL_PORT", 587, low=1, high=65535)
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM")
PUBLIC_SCHEME = "https"
PUBLIC_PORT = env.number("PUBLIC_PORT", 443, low=1, high=65535)

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# W002: tenants.headers says who may frame a page; Django's own middleware knows only yes and no.
SILENCED_SYSTEM_CHECKS = ["security.W002"]
