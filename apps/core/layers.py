"""Sending through the channel layer within a time limit, and a layer in memory that any thread may use."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import BaseChannelLayer, InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def channel_layer() -> BaseChannelLayer:
    """The layer of this installation; raises ImproperlyConfigured when none is set."""
    layer = get_channel_layer()
    if layer is None:
        raise ImproperlyConfigured("CHANNEL_LAYERS has no default layer; set one as the embedded settings do.")
    return layer


def send_to_group(group: str, message: Mapping[str, object]) -> None:
    """Send from a thread, within `CHANNEL_LAYER_SECONDS`; raises OSError or RedisError when there is no answer."""
    async_to_sync(_send_in_time)(group, {"type": "layer.message", **message})


async def _send_in_time(group: str, message: dict[str, object]) -> None:
    async with asyncio.timeout(settings.CHANNEL_LAYER_SECONDS):
        await channel_layer().group_send(group, message)


class ThreadSafeInMemoryLayer(InMemoryChannelLayer):
    """Sends hop to the event loop that receives; the stock layer crosses loops without a lock and drops messages."""

    _home: asyncio.AbstractEventLoop | None = None

    async def new_channel(self, prefix: str = "specific.") -> str:
        """A channel name; the loop that asks for it becomes the one that receives."""
        self._home = asyncio.get_running_loop()
        return str(await super().new_channel(prefix))

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Send to one channel from any thread."""
        await self._at_home(super().send(channel, message))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Send to a group from any thread."""
        await self._at_home(super().group_send(group, message))

    async def _at_home(self, sending: Coroutine[Any, Any, None]) -> None:
        home = self._home
        # Nobody listens yet, or the loop that did has ended: there is none to hop to.
        if home is None or home is asyncio.get_running_loop() or home.is_closed():
            await sending
            return
        hop: Awaitable[None] = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(sending, home))
        await hop
