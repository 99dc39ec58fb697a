"""Reads a page as a person would: the words of its main part."""

import re

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext


def text_of(response: HttpResponse) -> str:
    """Words of the main part of a page, or of a fragment."""
    content = response.content.decode()
    main = re.search(r"<main.*</main>", content, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", main.group() if main else content).split())


def queries_of(client: Client, path: str) -> int:
    """How many queries a page costs once its reader has been seen."""
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)
