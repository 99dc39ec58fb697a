"""A page as somebody has it open: its parts that follow live changes, what each shows, and all the rest of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.test import Client

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
# What differs between any two answers: protection of forms, the moment of reading, and what is loaded apart.
_NOISE = re.compile(r"(Now [A-Z][a-z]{2}|, )\s*\d{2} [A-Z][a-z]{2} \d{4}, \d{2}:\d{2} UTC")


@dataclass
class Part:
    """One part of a page: the sections that reach it, where it fetches itself, what it shows."""

    sections: frozenset[str]
    address: str
    shown: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What it shows, as text and signs of state."""
        return _NOISE.sub("", " ".join(" ".join(self.shown).split()))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rest = Part(frozenset(), "")
        self.parts: dict[str, Part] = {}
        self.live_url = ""
        self._open: list[Part] = [self.rest]
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "body":
            self.live_url = of.get("data-live-url", "")
        part = self._open[-1]
        if "data-sections" in of:
            part = Part(frozenset(of["data-sections"].split()), of.get("hx-get", ""))
            self.parts[of.get("id") or f"{of.get('hx-target', '')} {part.address}"] = part
        elif tag not in {"script", "link", "meta"} and of.get("name") != "csrfmiddlewaretoken":
            state = [of.get(name, "") for name in ("class", "href", "value", "aria-disabled", "disabled")]
            part.shown.append(" ".join([tag, *state]))
        if tag not in VOID:
            self._open.append(part)
            self._hidden += tag in {"template", "script"}

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._open.pop()
            self._hidden -= tag in {"template", "script"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._open[-1].shown.append(data)


@dataclass(frozen=True)
class OpenPage:
    """What a reader has before them, until a script fetches it again."""

    live_url: str
    parts: Mapping[str, Part]
    rest: str


def opened(client: Client, address: str) -> OpenPage:
    """The page at an address, with the panels that it loads by themselves."""
    page = _read(client, address)
    for part in page.parts.values():
        if not part.words and part.address:
            part.shown.append(_read(client, part.address).rest.words)
    return OpenPage(page.live_url, page.parts, page.rest.words)


def _read(client: Client, address: str) -> _Reader:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    reader = _Reader()
    reader.feed(answer.content.decode())
    return reader
