"""How far each shape reaches, so that tests can say that nothing leaves its frame."""

from collections.abc import Iterable, Iterator

from apps.twins.domain.drawing.shapes import Box, Disc, Drawing, Lane, Line, Mark, Path, Polygon, Shape, Words
from apps.twins.domain.drawing.text import width_of

Bounds = tuple[float, float, float, float]
_TOLERANCE = 0.01


def flat(shapes: Iterable[Shape]) -> Iterator[Shape]:
    """All figures and texts, out of their lanes and marks."""
    for shape in shapes:
        if isinstance(shape, Lane | Mark):
            yield from flat(shape.shapes)
        else:
            yield shape


def marks(shapes: Iterable[Shape]) -> Iterator[Mark]:
    """All links, in their order."""
    for shape in shapes:
        if isinstance(shape, Mark):
            yield shape
        elif isinstance(shape, Lane):
            yield from marks(shape.shapes)


def bounds(shape: Shape) -> Bounds:
    """Left, top, right and bottom of a figure or a text."""
    match shape:
        case Box(x, y, width, height):
            return x, y, x + width, y + height
        case Line(x1, y1, x2, y2):
            return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
        case Disc(x, y, radius):
            return x - radius, y - radius, x + radius, y + radius
        case Words():
            return _text_bounds(shape)
        case Polygon(points) | Path(points):
            xs, ys = [x for x, _ in points], [y for _, y in points]
            return min(xs), min(ys), max(xs), max(ys)
    raise TypeError(f"{type(shape).__name__} has no bounds of its own; pass it through flat() first")


def _text_bounds(words: Words) -> Bounds:
    width = width_of(words.text, words.size, is_strong="strong" in words.css)
    left = words.x - {"start": 0.0, "middle": width / 2, "end": width}[words.anchor]
    return left, words.y - words.size * 0.8, left + width, words.y + words.size * 0.25


def outside(drawing: Drawing) -> list[Shape]:
    """The shapes of a drawing that leave its frame, or that have a side of negative length."""
    return [shape for shape in flat(drawing.shapes) if _leaves(shape, drawing)]


def _leaves(shape: Shape, drawing: Drawing) -> bool:
    if isinstance(shape, Path) and not shape.points:
        return False
    left, top, right, bottom = bounds(shape)
    return (
        left < -_TOLERANCE
        or top < -_TOLERANCE
        or right > drawing.width + _TOLERANCE
        or bottom > drawing.height + _TOLERANCE
        or right < left
        or bottom < top
    )
