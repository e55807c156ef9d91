"""The first page: whether the line would answer, and who would."""

from __future__ import annotations

from flask import render_template

from ivr_app.condition import condition_of
from ivr_app.console.home.glance import glances
from ivr_app.console.page import Page, needs
from ivr_app.console.viewer import lines
from ivr_app.switch import board, desk
from store.staff.account import Role

page = Page("home", __name__, Role.VIEWER, place=10, path="/")


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The state of the line in brief."""
    now = desk().clock()
    seen = [glances(one, now) for one in lines()]
    return render_template("home/show.html", condition=condition_of(board()), seen=seen)
