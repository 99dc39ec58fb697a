"""How wide a text will be, before any browser has drawn it; measured generously, so that labels stay in their frame."""

from typing import Final

# Advance widths of Inter 400 with tabular figures, in em, rounded up; what is not named here counts as the widest.
_ADVANCES: Final = {
    0.28: "Iijl’'",
    0.36: " !,.:;·`t|",
    0.4: "()/[\\]fr",
    0.48: '"{}^_°',
    0.52: "?–",
    0.56: "ksxz",
    0.6: "FJLacehnouvyµé",
    0.66: "0123456789-*#PZbdgpq",
    0.68: "$&+<=>BEKRSTY~×",
    0.72: "AVX",
    0.76: "CDGHNU",
    0.8: "OQ",
    0.84: "w",
    0.88: "m",
    0.92: "M",
}
_EM: Final = {character: em for em, characters in _ADVANCES.items() for character in characters}
_WIDEST_EM: Final = 1.05
# The semibold cut is up to an eighth wider, most letters about a twentieth.
_STRONG: Final = 1.07


def width_of(text: str, size: float, *, is_strong: bool = False) -> float:
    """Upper estimate of the width of a text in px, at a font size in px."""
    width = sum(_EM.get(character, _WIDEST_EM) for character in text) * size
    return width * _STRONG if is_strong else width


def wrapped(text: str, size: float, limit: float, *, is_strong: bool = False) -> tuple[str, ...]:
    """The text in lines no wider than the limit in px; a word that is wider by itself is broken."""
    lines: list[str] = []
    for word in text.split():
        for piece in _pieces(word, size, limit, is_strong=is_strong):
            joined = f"{lines[-1]} {piece}" if lines else piece
            if lines and width_of(joined, size, is_strong=is_strong) <= limit:
                lines[-1] = joined
            else:
                lines.append(piece)
    return tuple(lines)


def _pieces(word: str, size: float, limit: float, *, is_strong: bool) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and width_of(pieces[-1] + character, size, is_strong=is_strong) > limit:
            pieces.append("")
        pieces[-1] += character
    return pieces
