"""Start and stop of a server process, where the server tells (uvicorn does, daphne does not)."""

from typing import Any

from channels.layers import get_channel_layer

from conversations.journal import close_journal


class Lifespan:
    """ASGI lifespan: at the end what is in the journal is committed and every connection is closed."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await close_journal()
                layer = get_channel_layer()
                if layer is not None:
                    await layer.flush()
                await send({"type": "lifespan.shutdown.complete"})
                return
