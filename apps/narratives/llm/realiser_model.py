"""The local realiser as a LangChain chat model: called like any other, runs in this process, needs no network."""

import json
from typing import Any, Final

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from apps.narratives.domain.realiser.realise import REALISER_VERSION, realise_message
from apps.narratives.domain.sentences import SENTENCES, Sentence
from apps.narratives.llm.prompt import read_prompt

MODEL_NAME: Final = f"realiser-{REALISER_VERSION}"


class RealiserChatModel(BaseChatModel):
    """Reads the messages and facts of the prompt and answers with one sentence for each message."""

    @property
    def _llm_type(self) -> str:
        return "clinical-platform-realiser"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": MODEL_NAME}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        assignment = read_prompt(messages)
        sentences = [realise_message(message, assignment.facts) for message in assignment.messages]
        content = json.dumps([_answered(sentence) for sentence in sentences], ensure_ascii=False)
        # Words in place of tokens, of which this model has none: the account of calls has one shape for every model.
        asked = sum(len(str(message.content).split()) for message in messages)
        answered = len(content.split())
        answer = AIMessage(
            content=content,
            usage_metadata={"input_tokens": asked, "output_tokens": answered, "total_tokens": asked + answered},
            response_metadata={"model_name": MODEL_NAME},
        )
        return ChatResult(generations=[ChatGeneration(message=answer)])


def _answered(sentence: Sentence) -> dict[str, Any]:
    answer: dict[str, Any] = SENTENCES.write(sentence)
    # An answer has no section: whoever asked knows to which one the message belongs.
    del answer["section"]
    return answer
