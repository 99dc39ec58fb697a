"""Chat models that lie, refuse, break or hang, called like any other."""

import json
import threading
from collections.abc import Callable
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from apps.narratives.llm.realiser_model import RealiserChatModel

Answer = list[dict[str, Any]]


class BentModel(RealiserChatModel):
    """Writes as the realiser does, then bends its answer; counts how often it is asked."""

    bend: Callable[[Answer], Answer]
    asked: list[int] = []

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.asked.append(1)
        result = super()._generate(messages, stop, run_manager, **kwargs)
        honest = result.generations[0].message
        bent = json.dumps(self.bend(json.loads(str(honest.content))), ensure_ascii=False)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=bent))])


class SpokenModel(RealiserChatModel):
    """Answers with fixed words, whatever it is asked."""

    words: str | list[str | dict[str, Any]]
    metadata: dict[str, Any] = {}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = AIMessage(content=self.words, response_metadata=self.metadata)
        return ChatResult(generations=[ChatGeneration(message=answer)])


class HangingModel(RealiserChatModel):
    """Never answers until it is let go."""

    released: Any = None

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        assert isinstance(self.released, threading.Event)
        self.released.wait(30)
        return super()._generate(messages, stop, run_manager, **kwargs)


class RaisingModel(RealiserChatModel):
    """Raises whenever it is asked."""

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise ConnectionError("the endpoint is gone")
