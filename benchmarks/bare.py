"""The floor: a websocket relay on daphne and Channels with the product's HTTP client, which stores nothing.

Run as `python -m benchmarks.bare PORT UPSTREAM`; each text frame is a question, each delta a frame back.
"""

import json
import sys

import httpx
import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from daphne.server import Server
from httpx_aiohttp import AiohttpTransport

PORT, UPSTREAM = [*sys.argv[1:], "0", ""][:2]
KEY = {"Authorization": "Bearer test-key"}


class Bare(AsyncWebsocketConsumer):
    client: httpx.AsyncClient | None = None

    async def receive(self, text_data=None, bytes_data=None):
        body = {
            "model": "gemini-3.5-flash",
            "stream": True,
            "messages": [{"role": "user", "content": json.loads(text_data)["question"]}],
        }
        async with self._client().stream("POST", "/v1/chat/completions", json=body) as response:
            await self._relay(response)
        await self.send(text_data='{"type":"completion.finished"}')

    @classmethod
    def _client(cls) -> httpx.AsyncClient:
        if cls.client is None:
            transport = AiohttpTransport(limits=httpx.Limits(max_connections=1000))
            cls.client = httpx.AsyncClient(
                base_url=UPSTREAM, transport=transport, headers=KEY, timeout=60
            )
        return cls.client

    async def _relay(self, response: httpx.Response) -> None:
        rest = b""
        async for data in response.aiter_bytes():
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if line.startswith(b"data: {"):
                    await self._forward(line[6:])

    async def _forward(self, data: bytes) -> None:
        choices = msgspec.json.decode(data)["choices"]
        if choices and (text := choices[0]["delta"].get("content")):
            delta = {"type": "completion.delta", "text": text}
            await self.send(text_data=msgspec.json.encode(delta).decode())


if __name__ == "__main__":
    from django.conf import settings

    settings.configure(CHANNEL_LAYERS={})
    Server(
        ProtocolTypeRouter({"websocket": Bare.as_asgi()}),
        endpoints=[f"tcp:port={PORT}:interface=127.0.0.1"],
    ).run()
