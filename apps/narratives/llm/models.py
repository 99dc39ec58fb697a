"""Which chat model writes, and within which bounds; every provider comes through this port."""

from django.conf import settings
from langchain_core.language_models.chat_models import BaseChatModel

from apps.narratives.llm.realiser_model import RealiserChatModel
from apps.narratives.llm.writer import WriterLimits


def configured_model() -> BaseChatModel:
    """The writer of this installation: the realiser in this process."""
    return RealiserChatModel()


def writer_limits() -> WriterLimits:
    """Time-out of one call, in seconds, from LLM_TIMEOUT_SECONDS."""
    return WriterLimits(timeout_s=settings.LLM_TIMEOUT_SECONDS)
