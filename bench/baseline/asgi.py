"""The baseline's entry."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.baseline.settings")
django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.urls import path  # noqa: E402

from bench.baseline.consumers import OperatorConsumer, VisitorConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter(
            [
                path("visitor/<uuid:conversation>/", VisitorConsumer.as_asgi()),
                path("operator/<int:operator>/", OperatorConsumer.as_asgi()),
            ]
        ),
    }
)
