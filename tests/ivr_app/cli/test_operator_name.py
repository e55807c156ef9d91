"""Whoever types a command has a name, or at least a number."""

import os

from ivr_app.cli.context import operator_name


def test_who_is_logged_in_has_a_name(monkeypatch):
    monkeypatch.setenv("LOGNAME", "ruud")
    assert operator_name() == "ruud"


def test_who_has_no_name_has_a_number(monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54_321)
    assert operator_name() == "user 54321"
