"""Reading the attributes of a verb the forgiving way the company does."""

from xml.etree.ElementTree import Element


def number(element: Element, name: str, default: int) -> int:
    """Return a whole number, or the default where there is none."""
    given = element.get(name, "").strip()
    return int(given) if given.isdigit() else default


def yes(element: Element, name: str, *, default: bool = False) -> bool:
    """Return a truth value."""
    return element.get(name, str(default)).strip().lower() in ("true", "1", "yes")


def method(element: Element, name: str = "method") -> str:
    """Return GET or POST."""
    return "GET" if element.get(name, "").strip().upper() == "GET" else "POST"


def text(element: Element) -> str:
    """Return everything written inside an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())
