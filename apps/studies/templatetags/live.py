"""How a template says what a part of its page shows, so that live changes reach it."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.studies.domain.panels import import_section, sections_shown

register = template.Library()


@register.simple_tag
def follows(panel: str) -> SafeString:
    """The attribute that lets live changes of what the panel shows reach it; the registry knows what that is."""
    return format_html('data-sections="{}"', sections_shown(panel))


@register.simple_tag
def follows_import(number: int) -> SafeString:
    """The attribute by which the page of one import follows it, and no other."""
    return format_html('data-sections="{}"', import_section(number))
