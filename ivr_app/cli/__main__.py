"""`python -m ivr_app.cli`: the command `priority-line` of a checkout."""

from ivr_app.cli.main import run

run()
