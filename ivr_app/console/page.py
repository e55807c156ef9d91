"""A page of the console: its addresses, templates and texts are one package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint
from werkzeug.wrappers import Response

from store.people.accounts import Role

View = TypeVar("View", bound=Callable[..., Any])
PageResponse = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
"""What a view returns: HTML, with a status and headers where they are not the usual ones."""

NEEDS = "__needs__"


class Anybody:
    """The requirement of a view that needs no sign-in."""


PUBLIC = Anybody()
Needs = Role | Anybody


class ConsolePage(Blueprint):
    """One page.

    ``place`` orders the navigation, which shows the page to ``role`` and the roles above it, under
    the text ``name.nav``, as long as ``when`` returns True. A page with ``place`` 0 is not in the
    navigation; it belongs to the page whose path begins its own.
    """

    when: Callable[[], bool] | None = None

    def __init__(self, name: str, package: str, role: Role, place: int = 0, path: str = "") -> None:
        """``package`` is the ``__name__`` of the package; ``path`` is the address below /console,
        by default the name."""
        self.path = path or f"/{name}"
        super().__init__(name, package, template_folder="templates", url_prefix=self.path)
        self.role = role
        self.place = place

    def contains(self, path: str) -> bool:
        """Return True for the path of this page and for paths below it."""
        return f"{path}/".startswith(f"{self.path}/")

    @property
    def in_navigation(self) -> bool:
        """True while the navigation shows the page to viewers with the role."""
        return self.place > 0 and (self.when is None or self.when())


def needs(role: Role) -> Callable[[View], View]:
    """Open a view to this role and the roles above it. A view without a role is closed."""
    return _mark_view(role)


def public(view: View) -> View:
    """Open a view to everybody, signed in or not."""
    return _mark_view(PUBLIC)(view)


def find_needs(view: Callable[..., Any] | None) -> Needs | None:
    """Return who may use this view; None if the view does not say so."""
    found: Needs | None = getattr(view, NEEDS, None)
    return found


def _mark_view(who: Needs) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, NEEDS, who)
        return view

    return mark
