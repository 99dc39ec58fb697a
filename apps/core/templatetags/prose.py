"""How running text is broken into lines: a date, a day, a quantity or an identifier stays in one piece."""

import re

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_TOGETHER = re.compile(
    r"\b(?:[0-9]{2} )?[A-Z][a-z]{2} [0-9]{4}\b"  # 02 Jun 2013, Jun 2013
    r"|\(day [−-]?[0-9]{1,6}\)"
    r"|(?<![\w.,])[0-9][0-9.,]{0,15}(?: × [0-9]{1,3}\^[0-9]{1,3}/\w{1,4}"  # 0.99 × 10^9/L
    r"| [^\W\d_]{1,12}/?[^\W\d_]{0,6})"  # 25 mg, 97 U/L
    r"|(?<![\w-])\w{1,24}(?:-\w{1,24}){1,4}(?![\w-])"  # 01-701-1015
)


@register.filter
def unbroken(text: str) -> SafeString:
    """The text with each date, day, quantity and identifier marked so that no line ends within it."""
    pieces, at = [], 0
    for found in _TOGETHER.finditer(text):
        pieces.append((text[at : found.start()], found[0]))
        at = found.end()
    marked = format_html_join("", '{}<span class="nowrap">{}</span>', pieces)
    return format_html("{}{}", marked, conditional_escape(text[at:]))
