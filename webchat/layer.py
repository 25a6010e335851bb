"""The channel layer of several processes: Valkey's publish and subscribe, with an end to what waits, and to waiting."""

import asyncio
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CAPACITY = 2_000  # batches
# Who waits for Valkey holds up what is told to everyone: better to lose a hint, which the numbers of the batches show.
PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 2, "retry": Retry(NoBackoff(), 0)}


class NewestQueue(asyncio.Queue[Any]):
    """Full, it lets the oldest go."""

    def put_nowait(self, item: Any) -> None:
        if self.full():
            self.get_nowait()
        super().put_nowait(item)


class BoundedLoopLayer(RedisPubSubLoopLayer):
    async def _subscribe_to_channel(self, channel: str) -> None:
        """As the original, but bounded, and forgetting what could not be subscribed."""
        self.channels[channel] = NewestQueue(CAPACITY)
        try:
            await self._get_shard(channel).subscribe(channel)
        except BaseException:
            del self.channels[channel]
            raise


class BoundedPubSubLayer(RedisPubSubChannelLayer):
    """`hosts` as in channels-redis, each an URL."""

    def __init__(self, *, hosts: list[str], **more: Any) -> None:
        super().__init__(hosts=[{"address": host, **PATIENCE} for host in hosts], **more)

    def _get_layer(self) -> RedisPubSubLoopLayer:
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            self._layers[loop] = BoundedLoopLayer(*self._args, **self._kwargs, channel_layer=self)
        return self._layers[loop]
