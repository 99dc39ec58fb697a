"""What a prompt says of a subject goes to the chat model and nowhere else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import langsmith.run_trees
import langsmith.utils
import pytest
from langchain_core.messages import HumanMessage
from langchain_core.tracers.langchain import wait_for_all_tracers

from apps.narratives.llm.calling import ask
from tests.narratives.llm.models import SpokenModel

PROMPT = [HumanMessage("MARKER-SUBJECT had a seizure")]
SWITCHES = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"]


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What a server of traces that the environment names is sent."""
    paths: list[str] = []

    class Collector(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_PATCH = do_GET  # noqa: N815  # named by the library

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        for namespace in ("LANGSMITH", "LANGCHAIN"):
            patch.setenv(f"{namespace}_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
            patch.setenv(f"{namespace}_API_KEY", "a-key")
        patch.setattr(langsmith.run_trees, "_CLIENT", None)
        yield paths
        wait_for_all_tracers()
        langsmith.run_trees.get_cached_client().close()
    _forget_environment()
    server.shutdown()
    server.server_close()


def _forget_environment() -> None:
    """The library reads each switch once."""
    langsmith.utils.get_env_var.cache_clear()  # type: ignore[attr-defined]  # an overloaded function that is cached


@pytest.mark.parametrize("switch", SWITCHES)
def test_no_prompt_is_traced_whatever_the_environment_says(
    heard: list[str], monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    monkeypatch.setenv(switch, "true")
    _forget_environment()
    assert ask(SpokenModel(words="[]"), PROMPT, timeout_s=10).content == "[]"
    wait_for_all_tracers()
    assert heard == []
    SpokenModel(words="[]").invoke(PROMPT)
    wait_for_all_tracers()
    assert heard, "the same call without the port is traced, so that the silence above says something"
