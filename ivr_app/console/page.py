"""A page of the console: its addresses, templates and words are one package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint

from store.people.accounts import Role

View = TypeVar("View", bound=Callable[..., Any])
NEEDS = "__needs__"


class Anybody:
    """Who needs not be signed in."""


PUBLIC = Anybody()
Needs = Role | Anybody


class ConsolePage(Blueprint):
    """One page and what belongs to it.

    ``place`` orders the navigation, where ``role`` and those above it see the page under the word
    ``name.nav``, while ``when`` says so; without ``place`` it stands in none, and belongs to the
    page whose path its own begins with.
    """

    when: Callable[[], bool] | None = None

    def __init__(self, name: str, package: str, role: Role, place: int = 0, path: str = "") -> None:
        """``package`` is the ``__name__`` of the package; ``path`` is the address below /console,
        by default the name."""
        self.path = path or f"/{name}"
        super().__init__(name, package, template_folder="templates", url_prefix=self.path)
        self.role = role
        self.place = place

    def holds(self, other: str) -> bool:
        """True for the path of this page, and for those that begin with it."""
        return f"{other}/".startswith(f"{self.path}/")

    @property
    def shown(self) -> bool:
        """Whether it stands in the navigation for whoever has the role."""
        return self.place > 0 and (self.when is None or self.when())


def needs(role: Role) -> Callable[[View], View]:
    """Say who may use an address: this role and those above it. Without it nobody may."""
    return _mark_view(role)


def public(view: View) -> View:
    """Say that an address needs nobody signed in."""
    return _mark_view(PUBLIC)(view)


def find_needs(view: Callable[..., Any] | None) -> Needs | None:
    """Who may use this view; None when nobody said so."""
    found: Needs | None = getattr(view, NEEDS, None)
    return found


def _mark_view(who: Needs) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, NEEDS, who)
        return view

    return mark
