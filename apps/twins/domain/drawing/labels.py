"""Where the label of a bar goes: right of it, left where it would leave the frame, else above it; never over a bar."""

from dataclasses import dataclass
from typing import Final

from apps.twins.domain.drawing.frame import LINE, TEXT, Frame
from apps.twins.domain.drawing.shapes import Anchor, Box, Shape, Words
from apps.twins.domain.drawing.text import width_of, wrapped

GAP: Final = 6.0
_MARK: Final = 12.0
_MARK_ROOM: Final = _MARK + 4


@dataclass(frozen=True, slots=True)
class Label:
    """A label with its lines placed from left to right; height is what it needs above its bar (0 beside it)."""

    lines: tuple[str, ...]
    left: float
    right: float
    height: float = 0
    is_serious: bool = False
    anchor: Anchor = "start"

    def shapes(self, top: float, bar_middle: float) -> tuple[Shape, ...]:
        """The label drawn; top is that of its row, used where the label stands above the bar."""
        base = top + LINE - 4 if self.height else bar_middle + 4
        if self.is_serious:
            words = self._lines(base, self.left + _MARK_ROOM, "start", "label label--strong")
            return *_serious_mark(self.left, base), *words
        return self._lines(base, self.right if self.anchor == "end" else self.left, self.anchor, "label")

    def _lines(self, base: float, x: float, anchor: Anchor, css: str) -> tuple[Shape, ...]:
        return tuple(Words(x, base + LINE * number, line, css, anchor) for number, line in enumerate(self.lines))


def place(text: str, bar_left: float, bar_right: float, frame: Frame, *, is_serious: bool) -> Label:
    """Choose the place of a label beside a bar between two x, so that it stays whole and within the frame."""
    width = _needed(text, is_serious=is_serious)
    if frame.is_narrow:
        return _above(text, bar_left, frame, is_serious=is_serious)
    if bar_right + GAP + width <= frame.width:
        return Label((text,), bar_right + GAP, bar_right + GAP + width, is_serious=is_serious)
    if bar_left - GAP - width >= frame.plot_left:
        return Label((text,), bar_left - GAP - width, bar_left - GAP, is_serious=is_serious, anchor="end")
    return _above(text, bar_left, frame, is_serious=is_serious)


def _above(text: str, bar_left: float, frame: Frame, *, is_serious: bool) -> Label:
    room = frame.width - frame.plot_left - (_MARK_ROOM if is_serious else 0)
    lines = wrapped(text, TEXT, room, is_strong=is_serious)
    widest = max((_needed(line, is_serious=is_serious) for line in lines), default=0)
    left = max(frame.plot_left, min(bar_left, frame.width - widest))
    return Label(lines, left, left + widest, height=LINE * len(lines), is_serious=is_serious)


def _needed(text: str, *, is_serious: bool) -> float:
    return width_of(text, TEXT, is_strong=is_serious) + (_MARK_ROOM if is_serious else 0)


def _serious_mark(x: float, base: float) -> tuple[Shape, ...]:
    return (
        Box(x, base - 10, _MARK, _MARK, "serious-ground"),
        Words(x + _MARK / 2, base - 0.5, "S", "serious-letter", "middle", size=10.5),
    )
