"""One call of a chat model with a time limit: the caller gets an answer or a reason, whatever the model does."""

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langsmith import tracing_context

from apps.core.domain.errors import PlatformError


class ModelFailedError(PlatformError):
    """A chat model that raised, refused or did not answer in time."""

    status = 503
    title = "The language model did not answer"
    kind = "model-failed"

    def __init__(self, detail: str, *, is_retriable: bool = True) -> None:
        super().__init__(detail)
        self.is_retriable = is_retriable


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception on its way from the calling thread."""

    error: Exception


def ask(model: BaseChatModel, messages: Sequence[BaseMessage], timeout_s: float) -> AIMessage:
    """The model's answer; ModelFailedError when it raises, refuses or takes longer than `timeout_s` seconds.

    The call runs in a daemon thread: a model that hangs keeps its thread, never the worker that asked. Nothing of it is
    traced, whatever the environment says.
    """
    answers: queue.SimpleQueue[AIMessage | Raised] = queue.SimpleQueue()
    threading.Thread(target=_call, args=(model, list(messages), answers), name="narrative-writer", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        detail = f"Got no answer within {timeout_s:g} s; the local writer takes over."
        # Not again: each further try would keep the draft waiting for as long once more.
        raise ModelFailedError(detail, is_retriable=False) from None
    if isinstance(answer, Raised):
        raise ModelFailedError(f"Got {type(answer.error).__name__} from the model.") from answer.error
    if answer.response_metadata.get("finish_reason") in ("content_filter", "refusal"):
        raise ModelFailedError("Got a refusal from the model.", is_retriable=False)
    return answer


def _call(model: BaseChatModel, messages: list[BaseMessage], answers: "queue.SimpleQueue[AIMessage | Raised]") -> None:
    try:
        # The library reads its switches from the environment and would send what the prompt says of a subject away.
        with tracing_context(enabled=False):
            answer = model.invoke(messages)
    # Providers raise what they like, and whatever it is must reach the thread that waits.
    except Exception as error:
        answers.put(Raised(error))
    else:
        answers.put(answer)
