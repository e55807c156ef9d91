"""Job handler that sends the codes with which contacts sign in to the portal. They are in no
message of the log."""

from __future__ import annotations

from carrier import prompts
from routing import jobs
from routing.line import Channel, Line
from routing.page import PageResult
from routing.phone_numbers import format_international, takes_texts
from service.channels.letter import Button, Letter
from service.channels.sender import Notice
from service.counters import COUNTERS, PORTAL_SIGN_INS
from service.portal import PortalAccess
from store.people.portal_codes import PortalCode
from workers.context import JobContext
from workers.messages import deliver


def send_portal_code(command: jobs.SendPortalCode, context: JobContext, attempt: int) -> None:
    """Send a code to the first of the typed addresses that is a contact's. Whoever typed another
    one sees the same page."""
    now, portal = context.call_service.clock(), context.portal
    if portal is None or (asked := portal.codes.find(command.code, now)) is None:
        return
    for address in portal.proofs.open(asked.address):
        accounts = portal.find_by_address(address, now)
        if not accounts or not _may_send_to(address, accounts[0].line, command.channel):
            continue
        line, contact = accounts[0].line, accounts[0].contact
        language = asked.language or contact.language or line.languages[0]
        if portal.codes.settle(asked.id, portal.proofs.seal([address]), now):
            notice = _build_notice(portal, asked, address, line, language)
            if deliver(command.channel, notice, context).result is PageResult.SENT:
                COUNTERS.count(PORTAL_SIGN_INS, "sent")
        return


def _may_send_to(address: str, line: Line, channel: Channel) -> bool:
    """A text goes only to a number that takes texts and that the line may call."""
    if channel is not Channel.SMS:
        return True
    return takes_texts(address) and line.why_not_ordinary(address) is None


def _build_notice(
    portal: PortalAccess, asked: PortalCode, address: str, line: Line, language: str
) -> Notice:
    """The mail has a link and the code, the text the code alone: a text names nobody."""
    code = portal.proofs.build_code(asked.id)

    def say(words: str) -> str:
        return prompts.render_mail(language, words, {"code": code, "line": line.name_in(language)})

    def write_letter() -> Letter:
        return Letter(
            language=language,
            subject=say("code_subject"),
            paragraphs=(say("code_opening"),),
            button=Button(say("code_button"), portal.build_link(asked.id)),
            closing=(say("code_typed"), say("code_rule"), say("code_unasked")),
            footer=f"{line.name_in(language)} · {format_international(line.number)}",
        )

    return Notice(
        id=asked.id,
        to=address,
        line=line,
        company="",
        write=lambda _: prompts.render_text(language, "portal_code_text", {"code": code}),
        write_letter=write_letter,
    )
