"""The mail server, where one is named."""

from __future__ import annotations

from collections.abc import Sequence

from ivr_app.checkup.verdict import Verdict, ok, warn
from mailer import Mailer, MailError, MailRefusedError
from routing.line import Channel, Line


def mail(mailer: Mailer | None, lines: Sequence[Line]) -> Verdict:
    """Whether mail is on where a line needs it, and whether its server lets us in."""
    if mailer is None:
        needed = [line.id for line in lines if Channel.EMAIL in line.paging.channels]
        if needed:
            return warn("mail", f"is off, and line {needed[0]} sends mail: set MAIL_URL")
        return ok("mail", "is off: MAIL_URL is not set, and no line needs it")
    try:
        how = mailer.probe()
    except MailRefusedError as error:
        return warn("mail", f"{mailer.server} refuses us ({error.reason}): see MAIL_URL")
    except MailError as error:
        return warn("mail", f"{mailer.server} is of no use: {error.reason}; see MAIL_URL")
    return ok("mail", f"{mailer.server} would take a mail: {how}")
