"""Redis as the channel layer, which says so when messages may have been lost.

The library's receiver swallows a broken connection, subscribes again and goes on as if nothing had been sent meanwhile.
"""

import asyncio
import logging
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from channels_redis.utils import _wrap_close, decode_hosts
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

POLL_SECONDS, RETRY_SECONDS = 0.1, 0.5
# What every listener of this process is sent once its subscription is there again.
INTERRUPTED = {"type": "layer.interrupted", "kind": "interrupted"}


class ReportingLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # the library is not typed
    """The library's layer over connections that report an interruption to whoever listens."""

    def _get_layer(self) -> RedisPubSubLoopLayer:
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            self._layers[loop] = _LoopLayer(*self._args, **self._kwargs, channel_layer=self)
            _wrap_close(self, loop)
        return self._layers[loop]


class _LoopLayer(RedisPubSubLoopLayer):  # type: ignore[misc]  # the library is not typed
    """The layer of one event loop."""

    def __init__(self, hosts: Any = None, **kwargs: Any) -> None:
        super().__init__(hosts=hosts, **kwargs)
        self._shards = [_ReportingConnection(host, self) for host in decode_hosts(hosts)]


class _ReportingConnection(RedisSingleShardConnection):  # type: ignore[misc]  # the library is not typed
    """One connection: publishes, and receives for every channel of its loop."""

    async def _do_receiving(self) -> None:
        """Receive until cancelled; after a lost connection, first say that something may be missing."""
        is_interrupted = False
        while True:
            try:
                message = await self._next()
            except (OSError, RedisError) as error:
                if not is_interrupted:
                    logger.warning("channel_layer_interrupted error=%s", type(error).__name__)
                is_interrupted = True
                # The next read connects and subscribes again; Redis keeps nothing of what was published meanwhile.
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if is_interrupted:
                is_interrupted = False
                self._tell_everyone()
            self._receive_message(message)

    async def _next(self) -> Any:
        if self._pubsub is None or not self._pubsub.subscribed:
            await asyncio.sleep(POLL_SECONDS)
            return None
        return await self._pubsub.get_message(ignore_subscribe_messages=True, timeout=POLL_SECONDS)

    def _tell_everyone(self) -> None:
        # Straight into the queues of this process: by way of Redis it could be lost like the others.
        data = self.channel_layer.channel_layer.serialize(INTERRUPTED)
        for queue in self.channel_layer.channels.values():
            queue.put_nowait(data)
