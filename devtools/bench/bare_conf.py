"""How the bare view is served: as the line is, without the line's own threads."""

from __future__ import annotations

from typing import Any

import gunicorn_conf

globals().update({name: value for name, value in vars(gunicorn_conf).items() if name[0] != "_"})


def post_worker_init(worker: Any) -> None:
    """Nothing to keep fresh."""


def when_ready(server: Any) -> None:
    """Nothing to build before there are workers."""
