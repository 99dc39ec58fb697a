"""Finds out by evidence what the bytes of a text mean and says what was assumed: none becomes another letter unsaid.

Readers decode as UTF-8 and keep each byte that is none as a lone surrogate (PEP 383). What such a text says is settled
here: the rest of a character that was cut, Windows-1252 where that gives words, or the encoding that a person named.
"""

import codecs
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from apps.core.domain.errors import UnreadableSourceError

# Names as the codecs of Python have them, and as people know them.
NAMED: Final[Mapping[str, str]] = {
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "iso8859-2": "ISO 8859-2 (Central Europe)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp949": "CP949 (Korean)",
}
_STRAY: Final = re.compile("[\udc80-\udcff]")
_MOST_SAMPLES: Final = 3
_LONGEST_SAMPLE: Final = 40
_LETTERS: Final = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿŠšŽžŒœŸ")
_WORD_WITHOUT_ASCII: Final = re.compile(r"(?<![a-zA-Z])[µÀ-ÖØ-öø-ÿŠšŽžŒœŸ]{3,}(?![a-zA-Z])")
# May stand within a word; the others only beside one.
_WITHIN: Final = frozenset("’‘–·\u00a0")
_BESIDE: Final = frozenset("°µ±²³¹½¼¾“”—…•®©™§¿¡«»€£×÷ªº") | _WITHIN
_OPENING, _CLOSING = frozenset("“«¿¡"), frozenset("”»ªº²³¹")


@dataclass(frozen=True, slots=True)
class Settled:
    """What each text that is not UTF-8 says, and what was assumed of them."""

    texts: Mapping[str, str]
    notes: tuple[str, ...] = ()


def is_unsettled(value: object) -> bool:
    """Whether a value is a text with bytes that are no UTF-8."""
    return isinstance(value, str) and not value.isascii() and _STRAY.search(value) is not None


def settle(file: str, texts: Collection[str], quotable: Collection[str] = (), named: str | None = None) -> Settled:
    """What the texts of a file say; UnreadableSourceError with samples when their encoding must be named.

    Only *quotable* ones are shown to anybody: the others may tell of treatment.
    """
    if not texts:
        return Settled({})
    whole = {text: found for text in texts if (found := _without_cut_end(text)) is not None}
    rest = sorted(set(texts) - whole.keys())
    shown = [text for text in rest if text in set(quotable)]
    notes = [f"Kept up to a character that was cut: {len(whole):,} of its texts."]
    if not rest:
        return Settled(whole, tuple(notes))
    read = _named(file, rest, named) if named else _by_evidence(file, rest, shown)
    samples = _samples(read[text] for text in shown)
    said = f"Not UTF-8 and read as {NAMED[named or 'cp1252']}: {len(rest):,} of its texts{samples}."
    return Settled({**whole, **read}, (*(notes if whole else ()), said))


def _without_cut_end(text: str) -> str | None:
    """The text up to a last character that was cut by bytes; None where other bytes are wrong."""
    given = text.encode("utf-8", "surrogateescape")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        found = decoder.decode(given)
    except UnicodeDecodeError:
        return None
    # One letter of Windows-1252 at the end looks like a cut, too, but leaves ASCII alone before it.
    return found if not found.isascii() or not _is_plausible(_as_windows(text)) else None


def _as_windows(text: str) -> str:
    """The text with its stray bytes as Windows-1252; those that it has not stay as they are."""
    return "".join(
        bytes([ord(letter) - 0xDC00]).decode("cp1252", "surrogateescape") if "\udc80" <= letter <= "\udcff" else letter
        for letter in text
    )


def _by_evidence(file: str, texts: Iterable[str], shown: Collection[str]) -> dict[str, str]:
    read = {text: _as_windows(text) for text in texts}
    strange = [text for text, found in read.items() if not _is_plausible(found)]
    if strange:
        told = [text for text in strange if text in shown]
        readings = f": {_readings(told[0])}" if told else ""
        raise UnreadableSourceError(
            file, f"the encoding of its text is not known. Import it again and name its encoding{readings}."
        )
    return read


def _named(file: str, texts: Iterable[str], encoding: str) -> dict[str, str]:
    try:
        return {text: text.encode("utf-8", "surrogateescape").decode(encoding) for text in texts}
    except UnicodeDecodeError as error:
        wrong = f"not all of its texts are {NAMED[encoding]}"
        raise UnreadableSourceError(file, f"{wrong}. Name another encoding, or save the file as UTF-8.") from error


def _readings(text: str) -> str:
    """What one text says in each encoding that can read it, for a person to choose."""
    given, found = text.encode("utf-8", "surrogateescape"), []
    for encoding, name in NAMED.items():
        try:
            read = given.decode(encoding)
        except UnicodeDecodeError:
            continue
        if read.isprintable():
            found.append(f"“{read[:_LONGEST_SAMPLE]}” in {name}")
    return "; ".join(found) or "no encoding that is known here reads it"


def _samples(texts: Iterable[str]) -> str:
    found = sorted(set(texts))[:_MOST_SAMPLES]
    return ", such as " + ", ".join(f"“{text[:_LONGEST_SAMPLE]}”" for text in found) if found else ""


def _is_plausible(text: str) -> bool:
    """Whether text of Windows-1252 looks written by people: letters within words, signs beside them."""
    padded = f" {text} "
    # No language of Western Europe has such a word; text of other alphabets is full of them.
    if _WORD_WITHOUT_ASCII.search(text):
        return False
    return all(
        letter.isascii() or _fits(before, letter, after)
        for before, letter, after in zip(padded, text, padded[2:], strict=False)
    )


def _fits(before: str, letter: str, after: str) -> bool:
    if letter in _LETTERS:
        return before.isalpha() or after.isalpha() or (before.isspace() and after.isspace())
    if letter not in _BESIDE:
        # A character that UTF-8 gave beside a stray byte.
        return ord(letter) > 0xFF and not "\udc80" <= letter <= "\udcff"
    if letter in _WITHIN:
        return True
    if (letter in _OPENING and before.isalpha()) or (letter in _CLOSING and after.isalpha()):
        return False
    return not (before.isalpha() and after.isalpha())
