"""How coded and reported terms may be written in running text; shared spelling, not shared judgement."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from apps.studies.domain.clinical.terms import ACRONYMS, running_text

VERBATIM_LIMIT: Final = 200

_COMMON_DRUG_WORDS_TEXT: Final = """
    multivitamin multivitamins vitamin vitamins aspirin calcium zinc iron potassium magnesium garlic niacin
    ibuprofen acetaminophen paracetamol hydrocortisone cortisone prednisone triamcinolone furosemide
    hydrochlorothiazide lorazepam lisinopril estrogen glyburide topical lotion creme cream ointment carbonate
    chloride complex citrate gluconate hydrate chloral calamine milk of and with herbal preparation
    betacarotene insulin digoxin warfarin amoxicillin penicillin codeine morphine heparin oxide hydrochloride
    sodium sulfate acetate maleate nitroglycerin
"""
# Names often come all in capitals: then only a list can tell a substance from a brand.
_COMMON_DRUG_WORDS: Final = frozenset(_COMMON_DRUG_WORDS_TEXT.split())
# Unicode categories of characters that nobody can see: control, format, unassigned, private use, line separators.
HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_LINK: Final = re.compile(r"(?i)\b(?:https?://|www\.)\S+|<[^<>]*>")


def clean_verbatim(text: str) -> str:
    """Reported words made safe to quote: no hidden characters, quotes, links or markup; at most 200 characters."""
    # NFKC first: full-width brackets and quotes become the plain ones that are taken out below.
    visible = "".join(
        " " if unicodedata.category(c) in HIDDEN_CATEGORIES else c for c in unicodedata.normalize("NFKC", text)
    )
    # Reported words are told in quotation marks: one inside them would end the quotation early.
    plain = re.sub(r"[\"“”`{}\[\]|\\<>]", " ", _LINK.sub(" ", visible))
    return re.sub(r"\s+", " ", plain).strip()[:VERBATIM_LIMIT].strip()


@lru_cache(maxsize=16384)
def term_forms(term: str) -> tuple[str, ...]:
    """Ways a term may be written, the preferred first: `visual hallucination` for `HALLUCINATION, VISUAL`."""
    plain = running_text(clean_verbatim(term))
    head, comma, modifier = plain.partition(", ")
    # One word is turned round; of a longer tail nobody can tell what belongs to what.
    if comma and "," not in modifier and " " not in modifier:
        return f"{modifier} {head}", plain
    core = short_form(plain)
    return (plain,) if core == plain else (plain, core)


def label_of(term: str) -> str:
    """A term as the beginning of a fact's name, in the form that text uses: `Visual hallucination`."""
    written = term_forms(term)[0]
    return written[:1].upper() + written[1:]


def short_form(written: str) -> str:
    """A written term without what follows `with`, for when it was said in full before; one word is left as it is."""
    core = written.partition(" with ")[0]
    return core if " " in core else written


@lru_cache(maxsize=16384)
def drug_forms(name: str) -> tuple[str, ...]:
    """Ways a medication may be written: brand names with a capital, common substances without."""
    words = clean_verbatim(name).split(" ")
    written = " ".join(_drug_word(word, words[index - 1] if index else "") for index, word in enumerate(words))
    head, comma, modifier = written.partition(", ")
    if comma and modifier == "topical":
        return f"topical {head}", written
    return (written,)


def _drug_word(word: str, before: str) -> str:
    bare = word.strip("(),").upper()
    if bare in ACRONYMS or len(bare) == 1 or (before.lower() == "vitamin" and len(bare) <= 3):
        return word
    lower = word.lower()
    return lower if lower.strip("(),") in _COMMON_DRUG_WORDS else "-".join(p.capitalize() for p in lower.split("-"))


@lru_cache(maxsize=1024)
def analyte_forms(name: str) -> tuple[str, ...]:
    """Ways a laboratory test may be written: lower case, abbreviations kept."""
    words = [word if word != "Ery." else "erythrocyte" for word in name.split(" ")]
    words = [word if sum(c.isupper() for c in word) > 1 or word == "pH" else word.lower() for word in words]
    return (" ".join(words),)
