"""Reads a writer's answer strictly: a JSON array of sentences for the messages that were asked for, or nothing."""

from collections.abc import Sequence
from typing import Annotated, Final

from langchain_core.messages import BaseMessage
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from apps.core.domain.errors import InvalidInputError
from apps.narratives.domain.plan.messages import Message
from apps.narratives.domain.sentences import Sentence

_Name = Annotated[str, Field(min_length=1, max_length=300)]


class AnswerError(InvalidInputError):
    """An answer that is not what was asked for: no JSON, other fields, other messages."""

    title = "The writer's answer could not be used"
    kind = "unusable-answer"


class AnsweredSentence(BaseModel):
    """One sentence as a writer returns it."""

    # An answer that is nearly right is asked for again and never mended: what was meant would be a guess.
    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    fact_ids: list[_Name]
    elements: list[Annotated[str, Field(pattern=r"^E\d\d$")]]
    message_key: Annotated[str, Field(min_length=1, max_length=2000)]


_ANSWER: Final = TypeAdapter(list[AnsweredSentence])


def read_answer(answer: BaseMessage, messages: Sequence[Message]) -> dict[str, Sentence]:
    """Sentences by message key; AnswerError when the answer is anything but the array that was asked for."""
    if not isinstance(answer.content, str):
        raise AnswerError("Got an answer of several parts, expected one JSON array as text.")
    try:
        answered = _ANSWER.validate_json(answer.content)
    except ValidationError as error:
        # The sort of the error and not its input: failures are kept with the version, the words of a model are not.
        first = error.errors(include_input=False, include_url=False)[0]
        raise AnswerError(f"Got an answer that is no array of sentences ({first['type']}), expected one.") from error
    sections = {message.key: message.section.value for message in messages}
    keys = [sentence.message_key for sentence in answered]
    # Fewer than were asked for will do: what is not answered is written locally.
    if len(set(keys)) != len(keys) or not set(keys) <= sections.keys():
        raise AnswerError("Got sentences for messages that were not asked for, or two for one; expected one for each.")
    return {
        sentence.message_key: Sentence(
            text=sentence.text,
            fact_ids=tuple(dict.fromkeys(sentence.fact_ids)),
            elements=tuple(sentence.elements),
            message_key=sentence.message_key,
            section=sections[sentence.message_key],
        )
        for sentence in answered
    }
