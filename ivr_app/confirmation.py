"""A text that confirms a handover, and what is texted back."""

from __future__ import annotations

import structlog

from carrier import prompts
from ivr_app.switch import desk, given
from routing import relieving
from routing.line import Line
from routing.schedule.escalation import language_of

_log = structlog.get_logger("handovers")


def confirmation(line: Line, engineer: str) -> str | None:
    """The answer to a text about a handover; None when the text is about something else."""
    answer = relieving.confirm(desk(), line, engineer, given("Body"), given("MessageSid"))
    if answer is None:
        return None
    _log.info(answer.words, line=line.id)
    return prompts.text(language_of(line, engineer), answer.words, dict(answer.values))
