"""A portal made of answers in a real browser: pages under the strict content policy, with no server behind them."""

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.template import engines
from playwright.sync_api import Page, Route, WebSocketRoute

from tests.static.test_templates import Nav

STATIC = Path(__file__).resolve().parents[2] / "static"
ORIGIN = "http://portal.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self' ws:"
)


@dataclass
class Portal:
    """A portal made of answers: what each address gives back, what was asked, and the socket's other end."""

    page: Page
    answers: dict[str, Callable[[], tuple[int, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sockets: list[WebSocketRoute] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0])
            return
        self.asked.append(path)
        status, body = self.answers[path]()
        headers = {"Content-Security-Policy": POLICY, "X-Request-ID": "r-1"}
        route.fulfill(status=status, body=body, content_type="text/html", headers=headers)

    def connect(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda message: self.sent.append(str(message)))

    def open(self, content: str, *, scripts: str = "", address: str = "/") -> None:
        html = page_of(content, scripts)
        self.answers.setdefault(urlsplit(address).path, lambda: (200, html))
        self.page.goto(ORIGIN + address)

    def gives(self, path: str, *bodies: str | int) -> None:
        """Answer with the bodies in turn, the last one again and again; a number is a failure of that status."""
        left = list(bodies)

        def answer() -> tuple[int, str]:
            body = left.pop(0) if len(left) > 1 else left[0]
            return (body, "") if isinstance(body, int) else (200, body)

        self.answers[path] = answer


def page_of(content: str, scripts: str = "") -> str:
    source = (
        '{% extends "base.html" %}{% load static %}{% block scripts %}' + scripts + "{% endblock %}"
        "{% block content %}<h1>Page</h1>" + content + "{% endblock %}"
    )
    return engines["django"].from_string(source).render({"nav": Nav()})


def script(name: str) -> str:
    return f'<script type="module" src="{{% static "js/{name}.js" %}}"></script>'
