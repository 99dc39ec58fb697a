"""What a study's counts cannot rest on: the domains that it has received no data of, so that no 0 is made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.studies.selectors.received import received_domains
from apps.studies.web.scope import StudyScope

COUNTED: Final[Mapping[str, Promise]] = {
    "AE": _("adverse events"),
    "DS": _("how participation ended"),
    "LB": _("laboratory results"),
}


@dataclass(frozen=True, slots=True)
class NotReceived:
    """Codes of the domains that are counted and were not received, and their words."""

    codes: frozenset[str]
    words: str


def not_received(scope: StudyScope) -> NotReceived:
    """What the pages of counts say of a study; nothing while it has received nothing at all."""
    received = received_domains(scope.study, scope.audience)
    absent = [code for code in COUNTED if code not in received] if received else []
    return NotReceived(frozenset(absent), ", ".join(f"{COUNTED[code]} ({code})" for code in absent))
