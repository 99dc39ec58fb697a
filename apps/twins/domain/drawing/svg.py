"""Writes a drawing as SVG text; the only place where shapes become markup, so the only one that must escape."""

from collections.abc import Iterable
from html import escape

from apps.twins.domain.drawing.shapes import Box, Disc, Drawing, Lane, Line, Mark, Path, Polygon, Shape, Words


def to_svg(drawing: Drawing) -> str:
    """The SVG element of a drawing; every text and address in it is escaped, it holds no style and no script."""
    attributes = _attributes(
        ("class", f"chart {drawing.css}"),
        ("viewBox", f"0 0 {_number(drawing.width)} {_number(drawing.height)}"),
        ("role", "group"),
        ("aria-label", drawing.name),
    )
    return f"<svg{attributes} data-rove>{_all(drawing.shapes)}</svg>"


def _all(shapes: Iterable[Shape]) -> str:
    return "".join(_one(shape) for shape in shapes)


def _one(shape: Shape) -> str:
    match shape:
        case Mark():
            return _mark(shape)
        case Lane(name, shapes):
            return f'<g{_attributes(("role", "group"), ("aria-label", name))} data-lane="">{_all(shapes)}</g>'
        case Words():
            return _words(shape)
        case _:
            return _figure(shape)


def _figure(shape: Box | Line | Polygon | Path | Disc) -> str:
    match shape:
        case Box(x, y, width, height, css):
            return _element("rect", css, ("x", x), ("y", y), ("width", width), ("height", height))
        case Line(x1, y1, x2, y2, css):
            return _element("line", css, ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2))
        case Polygon(points, css):
            return f"<polygon{_attributes(('class', css), ('points', _points(points)))}/>"
        case Path(points, css):
            return f"<polyline{_attributes(('class', css), ('points', _points(points)))}/>"
        case _:
            return _element("circle", shape.css, ("cx", shape.x), ("cy", shape.y), ("r", shape.radius))


def _words(words: Words) -> str:
    attributes = _attributes(
        ("class", f"{words.css} anchor-{words.anchor}"),
        ("x", _number(words.x)),
        ("y", _number(words.y)),
        ("font-size", _number(words.size)),
    )
    return f"<text{attributes}>{escape(words.text)}</text>"


def _mark(mark: Mark) -> str:
    attributes = _attributes(
        ("href", mark.target.page_url),
        ("aria-label", mark.name),
        ("data-record", mark.target.record_id),
        ("data-history", mark.target.history_url),
        ("hx-push-url", mark.target.page_url),
        ("aria-expanded", "false"),
    )
    return f'<a{attributes} data-value="">{_all(mark.shapes)}</a>'


def _element(tag: str, css: str, *numbers: tuple[str, float]) -> str:
    attributes = _attributes(("class", css), *((name, _number(value)) for name, value in numbers))
    return f"<{tag}{attributes}/>"


def _attributes(*pairs: tuple[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in pairs)


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
