"""What an engineer's own page shows, and whose it is."""

from __future__ import annotations

from flask import abort, render_template

from ivr_app.calendars.links import subject_of, token
from ivr_app.console.form import Mistakes
from ivr_app.console.mine.duty import duty_of
from ivr_app.console.oncall.acting import own
from ivr_app.console.oncall.spoken import SPOKEN, weekdays
from ivr_app.console.viewer import line, zone
from ivr_app.phonebook import Phonebook
from ivr_app.switch import board
from routing.line import EVERY_DAY, Engineer, Line
from routing.schedule.escalation import name_of
from store.calendar_links import generations


def on_the_rota() -> bool:
    """True when whoever is signed in is an engineer of the line."""
    looked_at = line()
    return looked_at is not None and own(looked_at) is not None


def somebody() -> tuple[Line, Engineer]:
    """The line, and who they are on it; refuses whoever is nobody there."""
    looked_at = line() or abort(404)
    return looked_at, looked_at.engineer(own(looked_at) or "") or abort(403)


def shown(mistakes: Mistakes, given: dict[str, str]) -> str:
    """The page, with what is wrong with the form that was sent."""
    looked_at, engineer = somebody()
    known = generations(board().engine)
    subject = subject_of(looked_at, "engineer", engineer.id, known)
    link = token(board().settings.secret_key, subject)
    numbers = Phonebook.of(board(), looked_at).entries()
    return render_template(
        "mine/show.html",
        duty=duty_of(board(), looked_at, engineer),
        numbers=[one for one in numbers if one.engineer == engineer.id],
        calendar=f"{board().settings.public_url}/calendar/{link}",
        mistakes=mistakes,
        given=given,
        day_of=lambda shift: shift.start.astimezone(zone()).date(),
        local=lambda at: f"{at.astimezone(zone()):%Y-%m-%dT%H:%M}",
        named=lambda people: ", ".join(name_of(looked_at, one) for one in people),
        days=lambda days: ", ".join(weekdays()[EVERY_DAY.index(day)] for day in days),
        **SPOKEN,
    )
