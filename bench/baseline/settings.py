"""Settings of the baseline: Django's and Channels' defaults, but for a database connection that is kept (a favour)."""

from chatplatform.settings.environment import Environment

env = Environment()

SECRET_KEY = "measuring only"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["daphne", "channels", "bench.baseline"]
ASGI_APPLICATION = "bench.baseline.asgi.application"
ROOT_URLCONF = "bench.baseline.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        **env.database("DATABASE_URL"),
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [env.redis("REDIS_URL")]},
    }
}
