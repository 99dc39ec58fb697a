"""Where the words came from: kept with every version, without the words themselves."""

from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel

from apps.narratives.domain.realiser.realise import REALISER_VERSION
from apps.narratives.domain.verifying.verify import VERIFIER_VERSION
from apps.narratives.domain.verifying.vocabulary import LEXICON_VERSION
from apps.narratives.llm.prompt import PROMPT_VERSION


@dataclass(slots=True)
class Provenance:
    """Model, rounds, prompts and failures of one drafting; which writer wrote which message."""

    model: str
    rounds: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    prompt_sha256s: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    writers: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The provenance as JSON-ready data, with the number of sentences by writer."""
        counts = {writer: list(self.writers.values()).count(writer) for writer in ("model", "realiser", "kept")}
        return {
            "model": self.model,
            "rounds": self.rounds,
            "calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "prompt_sha256s": self.prompt_sha256s,
            "failures": self.failures,
            "sentences_by_model": counts["model"],
            "sentences_by_realiser": counts["realiser"],
            "sentences_kept": counts["kept"],
            "prompt_version": PROMPT_VERSION,
            "realiser_version": REALISER_VERSION,
            "verifier_version": VERIFIER_VERSION,
            "lexicon_version": LEXICON_VERSION,
        }


def model_id(model: BaseChatModel) -> str:
    """What a model calls itself: its declared model name, else its type."""
    parameters = model._identifying_params  # noqa: SLF001 LangChain declares it for this use
    return str(parameters.get("model_name") or parameters.get("model") or model._llm_type)  # noqa: SLF001
