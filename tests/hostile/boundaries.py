"""Every place where something comes in from outside, found in the URL configuration, and what is thrown at it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import strategies as st

# Texts that broke something once, here or elsewhere, or that a decoder, a pattern or a database treats as special.
TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "²",
    "١٢",
    "-1",
    "+1",
    "0",
    "1",
    "2",
    "9" * 18,
    "9" * 58,
    "9" * 5000,
    "1e300",
    "1e-400",
    "NaN",
    "Infinity",
    "true",
    "null",
    "None",
    "0x10",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2013-01-01T00:00:00Z",
    "../../etc/passwd",
    "..",
    ".",
    "/",
    "//",
    "%",
    "%00",
    "%2500",
    "%s%s%n",
    "{0}",
    "{{ 7 }}",
    "{% load x %}",
    "<script>",
    "'",
    '"',
    '"2"',
    'W/"1"',
    "*",
    "';--",
    "\\",
    "\r\nSet-Cookie: a=b",
    "\u202e",
    "\ufeff",
    "e\u0301" * 50,
    "\U0001f600",
    "a" * 300,
    "a" * 2500,
    "-" * 100,
    "A" * 40 + "!",
    "[" * 200,
    "all",
    "AE",
    "DM",
    "AE/1",
    "*.xpt",
    "http://[",
    "ws://x",
    "application/json",
    "text/html; charset=hex",
    "bytes=0-1",
    "gzip",
)
PARAMETERS = (
    "page",
    "page_size",
    "search",
    "site",
    "status",
    "quick",
    "sort",
    "since",
    "version",
    "at",
    "from",
    "to",
    "show",
    "value",
    "record",
    "variable",
    "lab",
    "sentence",
    "next",
    "q",
    "o",
    "p",
    "e",
    "all",
    "_popup",
    "_to_field",
    "state",
    "state__exact",
    "study__code",
    "pk__in",
    "action__exact",
    "format",
    "script",
    "lang",
    "term",
    "app_label",
    "model_name",
    "field_name",
    "dry_run",
    "id",
    "",
)
HEADERS = (
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "If-Modified-Since",
    "Authorization",
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "Content-Type",
    "Host",
    "Origin",
    "Referer",
    "Range",
    "X-CSRFToken",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Requested-With",
    "X-HTTP-Method-Override",
    "HX-Request",
    "HX-Current-URL",
    "Cookie",
)
FIELDS = (
    "reason",
    "records",
    "domain",
    "subject_id",
    "values",
    "operation",
    "key",
    "dry_run",
    "files",
    "data_files",
    "decision",
    "meaning",
    "password",
    "anchor",
    "seen_sha256",
    "username",
    "next",
    "kind",
    "concerns",
    "role",
    "study",
    "site",
    "grant_type",
    "client_id",
    "client_secret",
    "token",
    "scope",
    "old_password",
    "new_password1",
    "new_password2",
    "action",
    "_selected_action",
    "csrfmiddlewaretoken",
    "x",
)
METHODS = ("GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")

hostile_text = st.one_of(
    st.sampled_from(TEXTS),
    st.text(max_size=40),
    st.text(alphabet="0123456789-+.eE:TZ/", max_size=40),
)
hostile_scalar = st.one_of(
    hostile_text,
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**300, max_value=10**301),
    st.floats(),
)
hostile_json = st.recursive(
    hostile_scalar,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(FIELDS), hostile_text), inner, max_size=4),
    ),
    max_leaves=12,
)


@dataclass(frozen=True, slots=True)
class Boundary:
    """One address of the portal: its route, and a path with a placeholder for each part that a caller chooses."""

    route: str
    template: str
    names: tuple[str, ...]

    def path(self, values: dict[str, str]) -> str:
        """The path with its parts filled and encoded as a client would."""
        encoded = {name: quote(values[name].encode("utf-8", "surrogatepass"), safe="") for name in self.names}
        return "/" + self.template.format(**encoded)


def boundaries() -> list[Boundary]:
    """All of them; a new address is among them without being told."""
    return [_boundary(route) for route in sorted(set(_routes(get_resolver())))]


def _routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for found in resolver.url_patterns:
        route = f"{before}{found.pattern}"
        if isinstance(found, URLResolver):
            yield from _routes(found, route)
        else:
            assert isinstance(found, URLPattern)
            yield route


def _boundary(route: str) -> Boundary:
    text = re.sub(r"\(\?P<(\w+)>[^()]*\)", r"<\1>", route)
    text = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", text).replace("^", "").replace("$", "").replace(".*", "any/where/")
    names = tuple(dict.fromkeys(re.findall(r"<(\w+)>", text)))
    return Boundary(route, re.sub(r"<(\w+)>", r"{\1}", text), names)


@dataclass(frozen=True, slots=True)
class Attack:
    """One request; parts of the path that are not given keep what is really there."""

    method: str
    parts: dict[str, str]
    query: list[tuple[str, str]]
    headers: dict[str, str]
    kind: str
    body: Any


def attacks(boundary: Boundary) -> st.SearchStrategy[Attack]:
    """Requests to one address that nobody means well with."""
    parts = (
        st.dictionaries(st.sampled_from(boundary.names), hostile_text, max_size=2) if boundary.names else st.just({})
    )
    return st.builds(
        Attack,
        method=st.sampled_from(METHODS),
        parts=parts,
        query=st.lists(st.tuples(st.sampled_from(PARAMETERS), hostile_text), max_size=3),
        headers=st.dictionaries(st.sampled_from(HEADERS), hostile_text, max_size=2),
        kind=st.sampled_from(("json", "form", "raw")),
        body=hostile_json,
    )
