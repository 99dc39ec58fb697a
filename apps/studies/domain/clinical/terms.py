"""How coded and reported terms are written: in running text, at the beginning of a label, in British spelling."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

# Written in capitals wherever they stand: a term in capitals cannot tell them from its other words.
_ACRONYMS_TEXT: Final = """
    A1C AE AIDS ALP ALT ASA AST AV B1 B12 B6 CK COPD CT DHEA DVT E.C. ECG EEG EKG GERD GGT HGB HIV HRT II III IV MOM
    MRI NEC NOS PH QT SAE ST TIA TSH UK USA UTI
"""
ACRONYMS: Final = frozenset(_ACRONYMS_TEXT.split())
_EPONYMS_TEXT: Final = """
    alzheimer's parkinson's raynaud's meniere's dupuytren's crohn's hodgkin's bell's graves' paget's
    wolff-parkinson-white stevens-johnson guillain-barre barrett's sjogren's
"""
_EPONYMS: Final = frozenset(_EPONYMS_TEXT.split())
# The letter is part of the name: hepatitis B, vitamin D.
_SINGLE_LETTER_AFTER: Final = frozenset({"vitamin", "hepatitis", "influenza"})
_BRITISH: Final[Mapping[str, str]] = {
    "haematol": r"hematol",
    "haemoglob": r"hemoglob",
    "haematocrit": r"hematocrit",
    "haemorrhag": r"hemorrhag",
    "hospitalis": r"hospitaliz",
    "generalis": r"generaliz",
    "anaemia": r"\banemia",
    "oedema": r"\bedema",
    "diarrhoea": r"diarrhea",
    "tumour": r"\btumor",
}


@lru_cache(maxsize=16384)
def running_text(term: str) -> str:
    """A term within a sentence: acronyms and eponyms kept, everything else in lower case.

    A dictionary writes its terms with a capital at the start (MedDRA: `Ischaemic stroke`), others all in capitals; a
    term with capitals of its own inside is left as it is.
    """
    words = term.split(" ")
    if term.isupper():
        return " ".join(_word(word, words[index - 1] if index else "") for index, word in enumerate(words))
    first, rest = words[0], words[1:]
    is_plain_start = first[:1].isupper() and first[1:] == first[1:].lower() and len(first) > 1
    is_name = "'" in first or "’" in first or first.lower() in _EPONYMS
    has_capitals = any(word != word.lower() for word in rest)
    return " ".join([first.lower(), *rest]) if is_plain_start and not is_name and not has_capitals else term


def sentence_case(term: str) -> str:
    """A term as the beginning of a label: `Partial seizures with secondary generalisation`."""
    written = running_text(term)
    return written[:1].upper() + written[1:]


def british(text: str) -> str:
    """Common American spellings of clinical words in British spelling, as the pages write."""
    for spelling, american in _BRITISH.items():
        text = re.sub(american, spelling, text)
        text = re.sub(american.replace(r"\b", "").capitalize(), spelling.capitalize(), text)
    return text


def heading(term: str) -> str:
    """A term as pages show it: sentence case and British spelling, blanks in order."""
    return british(sentence_case(" ".join(term.split())))


def inline(term: str) -> str:
    """A term within a sentence of a page: running text in British spelling."""
    return british(running_text(" ".join(term.split())))


def _word(word: str, before: str) -> str:
    lower, bare = word.lower(), word.strip("(),.;/")
    if (
        bare in ACRONYMS
        or word.strip("(),;/") in ACRONYMS
        or (before.lower() in _SINGLE_LETTER_AFTER and len(bare) == 1)
    ):
        return word
    if lower in _EPONYMS:
        return "-".join(part.capitalize() for part in lower.split("-"))
    is_code = "_" in word or (any(character.isdigit() for character in bare) and len(bare) <= 4)
    return word if is_code or bare == "T" else lower
