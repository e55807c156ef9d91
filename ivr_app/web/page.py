"""A page of a site, whose addresses, templates and texts are one package, and who may see it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, TypeVar

from flask import Blueprint, Flask, current_app
from werkzeug.wrappers import Response

View = TypeVar("View", bound=Callable[..., Any])
PageResponse = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
"""What a view returns: HTML, with a status and headers where they are not the usual ones."""

NEEDS = "__needs__"
PAGES = "pages"


class Anybody:
    """The requirement of a view that needs no sign-in."""


PUBLIC = Anybody()


class SitePage(Blueprint):
    """One page.

    ``place`` orders the navigation, which shows the page under the text ``name.nav``, as long as
    ``when`` returns True. A page with ``place`` 0 is not in the navigation; it belongs to the page
    whose path begins its own.
    """

    when: Callable[[], bool] | None = None

    def __init__(self, name: str, package: str, place: int = 0, path: str = "") -> None:
        """``package`` is the ``__name__`` of the package; ``path`` is the address below that of the
        site, by default the name."""
        self.path = path or f"/{name}"
        super().__init__(name, package, template_folder="templates", url_prefix=self.path)
        self.place = place

    def contains(self, path: str) -> bool:
        """Return True for the path of this page and for paths below it."""
        return f"{path}/".startswith(f"{self.path}/")

    @property
    def in_navigation(self) -> bool:
        """True while the navigation shows the page to those who may see it."""
        return self.place > 0 and (self.when is None or self.when())


PageT = TypeVar("PageT", bound=SitePage)


def find_pages(site: ModuleType, kind: type[PageT]) -> list[PageT]:
    """Return all pages of a site, each package in it that has a ``page``, in the order of the
    navigation."""
    names = (m.name for m in pkgutil.iter_modules(site.__path__, f"{site.__name__}."))
    found = (getattr(importlib.import_module(name), "page", None) for name in names)
    pages = [page for page in found if isinstance(page, kind)]
    return sorted(pages, key=lambda page: page.place)


def register_pages(app: Flask, pages: Iterable[SitePage]) -> None:
    """Make these the pages of an application."""
    app.extensions[PAGES] = list(pages)
    for page in app.extensions[PAGES]:
        app.register_blueprint(page)


def list_navigation(may: Callable[[Any], bool]) -> list[SitePage]:
    """Return the pages of the navigation that the visitor may see."""
    pages: list[SitePage] = current_app.extensions[PAGES]
    return [page for page in pages if may(page) and page.in_navigation]


def public(view: View) -> View:
    """Open a view to everybody, signed in or not."""
    return mark_view(PUBLIC)(view)


def find_needs(view: Callable[..., Any] | None) -> Any:
    """Return who may use this view, as the site marked it; None if the view does not say so."""
    return getattr(view, NEEDS, None)


def mark_view(who: object) -> Callable[[View], View]:
    """Say who may use a view."""

    def mark(view: View) -> View:
        setattr(view, NEEDS, who)
        return view

    return mark
