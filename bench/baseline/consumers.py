"""Two consumers, as in the tutorial: a visitor writes, the operator's group hears."""

import json
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from bench.baseline.storing import store_message


class VisitorConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.conversation_id = self.scope["url_route"]["kwargs"]["conversation"]
        self.group = f"conversation.{self.conversation_id}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        command = json.loads(text_data or "")
        frame, operator = await database_sync_to_async(store_message)(
            self.conversation_id, command["cid"], command["body"]
        )
        ack = {name: frame[name] for name in ("cid", "conversation", "id", "seq", "at")}
        await self.send(text_data=json.dumps({"type": "ack", **ack}, separators=(",", ":")))
        for group in (self.group, f"operator.{operator}"):
            await self.channel_layer.group_send(group, {"type": "fact", "frame": frame})

    async def fact(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(event["frame"], separators=(",", ":")))


class OperatorConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.group = f"operator.{self.scope['url_route']['kwargs']['operator']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def fact(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(event["frame"], separators=(",", ":")))
