"""The few shapes charts are made of; positions in px from the top left, colours named by CSS classes only."""

from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle."""

    x: float
    y: float
    width: float
    height: float
    css: str


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    css: str


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed figure, such as an arrow head, a triangle or a diamond."""

    points: tuple[tuple[float, float], ...]
    css: str


@dataclass(frozen=True, slots=True)
class Path:
    """An open line through points, in their order."""

    points: tuple[tuple[float, float], ...]
    css: str


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle."""

    x: float
    y: float
    radius: float
    css: str


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; y is the base line, the anchor says which end of the text x is."""

    x: float
    y: float
    text: str
    css: str
    anchor: Anchor = "start"
    size: float = 12


@dataclass(frozen=True, slots=True)
class Target:
    """Where a mark leads: the record it shows, the page with its history open, and the history alone."""

    record_id: str
    page_url: str
    history_url: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Shapes that together are one link, with the name a screen reader says."""

    name: str
    target: Target
    shapes: tuple["Shape", ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """Marks of one kind under one name; arrow keys move up and down between lanes."""

    name: str
    shapes: tuple["Shape", ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole chart with its size in px and its name."""

    name: str
    css: str
    width: float
    height: float
    shapes: tuple["Shape", ...]


Shape = Box | Line | Polygon | Path | Disc | Words | Mark | Lane
