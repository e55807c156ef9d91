"""A page of the console, and the roles that may use its views."""

from __future__ import annotations

from collections.abc import Callable

from ivr_app.web import SitePage, View, mark_view
from store.people.accounts import Role


class ConsolePage(SitePage):
    """One page, which the navigation shows to ``role`` and the roles above it."""

    def __init__(self, name: str, package: str, role: Role, place: int = 0, path: str = "") -> None:
        """``package`` is the ``__name__`` of the package; ``path`` is the address below /console,
        by default the name."""
        super().__init__(name, package, place, path)
        self.role = role


def needs(role: Role) -> Callable[[View], View]:
    """Open a view to this role and the roles above it. A view without a role is closed."""
    return mark_view(role)


TAKES_FILES = "__takes_files__"


def accepts_files(view: View) -> View:
    """Let a form of this view carry files of the size that the settings allow. They are on a disk
    of this machine while the view runs."""
    setattr(view, TAKES_FILES, True)
    return view


def takes_files(view: View) -> bool:
    """Return True for a view whose form may carry files."""
    return hasattr(view, TAKES_FILES)
