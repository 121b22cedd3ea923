"""The server's entry point: HTTP through Django, both sockets through Channels."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatplatform.settings.dev")
django_application = get_asgi_application()

from django.conf import settings  # noqa: E402 - the apps must be ready first
from django.urls import path  # noqa: E402

from chatplatform.body_limit import BodyLimit  # noqa: E402
from chatplatform.lifespan import Lifespan  # noqa: E402
from conversations.consumers.desk import DeskConsumer  # noqa: E402
from conversations.consumers.widget import WidgetConsumer  # noqa: E402
from tenants.hosts import HostScopeMiddleware, OwnOriginMiddleware, refuse_socket  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(django_application, settings.REQUEST_MAX_BYTES),
        "lifespan": Lifespan(),
        "websocket": HostScopeMiddleware(
            OwnOriginMiddleware(
                URLRouter(
                    [
                        path("socket/widget/", WidgetConsumer.as_asgi()),
                        path("socket/desk/", DeskConsumer.as_asgi()),
                        path("<path:anything>", refuse_socket),  # type: ignore[arg-type] # an ASGI application
                        path("", refuse_socket),  # type: ignore[arg-type]
                    ]
                )
            )
        ),
    }
)
