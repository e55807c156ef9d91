"""The mails that came in, and what became of them. What the line could not handle is kept here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from flask import Response, abort, flash, redirect, render_template, request, url_for

from ivr_app.attachments import send_file
from ivr_app.console import ConsolePage, audit_entry, needs
from ivr_app.context import current_call_service, current_services
from ivr_app.web import PageResponse, t
from service.mail_in.intake import MailIntake
from store.log.received_mails import KEPT_STATES, MailState, ReceivedMail, ReceivedMails
from store.people.accounts import Role
from store.people.audit import audit_writes

page = ConsolePage("mail", __name__, Role.MANAGER, place=45)
page.when = lambda: current_services().settings.mailbox_address is not None

PAGE_SIZE = 50
SHOWN = {
    "kept": KEPT_STATES,
    "customers": (MailState.LODGED, MailState.THREADED, MailState.DUPLICATE),
    "all": (),
}
"""The choices of the page: the states of the mails that each shows; none for all."""

_HEADER, _STATUS = re.compile(r"[A-Z][A-Za-z-]+"), re.compile(r"\d\.\d+\.\d+")
_PLACE = re.compile(r"(\d{4}-[0-9T:.+-]{1,40})~([0-9a-f]{32})")


@page.get("/")
@needs(Role.MANAGER)
def show() -> str:
    """The mails, newest first; those that wait for a person come first of all."""
    shown = request.args.get("shown", "kept")
    if shown not in SHOWN:
        abort(404)
    mails = ReceivedMails(current_services().engine)
    found = mails.page(SHOWN[shown], _read_place(request.args.get("before", "")), PAGE_SIZE)
    older = None
    if len(found) == PAGE_SIZE:
        older = f"{found[-1].at.isoformat()}~{found[-1].id}"
    return render_template(
        "mail/show.html",
        mails=found,
        numbers=_find_numbers(found),
        notes={mail.id: _describe(mail) for mail in found},
        shown=shown,
        choices=list(SHOWN),
        older=older,
        kept=KEPT_STATES,
        waiting=mails.count_waiting()[0],
    )


@page.get("/<mail_id>.eml")
@needs(Role.MANAGER)
def raw(mail_id: str) -> Response:
    """The mail itself, as a download: no browser opens it."""
    mail = _find(mail_id)
    file = current_call_service().calls.correspondence.find_file(mail.file or "")
    if file is None:
        abort(404)
    return send_file(file)


@page.post("/<mail_id>/take")
@needs(Role.MANAGER)
def take(mail_id: str) -> PageResponse:
    """Take a mail that was kept as one of a customer: it is read again."""
    mail = _find(mail_id)
    with audit_writes(audit_entry("mail.take").on("mail", mail.id)):
        taken = MailIntake(current_services()).read_again(mail.id)
    if taken:
        flash(t("mail.taken"), "good")
    else:
        flash(t("mail.gone"), "bad")
    return redirect(url_for("mail.show"))


def _find(mail_id: str) -> ReceivedMail:
    return ReceivedMails(current_services().engine).find(mail_id) or abort(404)


def _read_place(text: str) -> tuple[dt.datetime, str] | None:
    """The place at which the previous page ended."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    try:
        return dt.datetime.fromisoformat(found[1]), found[2]
    except ValueError:
        return None


def _find_numbers(mails: Sequence[ReceivedMail]) -> dict[str, int]:
    """The numbers of the incidents of these mails, by key."""
    calls, numbers = current_call_service().calls, dict[str, int]()
    for key in {mail.incident for mail in mails if mail.incident}:
        case = calls.find_by_incident(key)
        if case is not None and case.incident is not None:
            numbers[key] = case.incident.number
    return numbers


def _describe(mail: ReceivedMail) -> str:
    """What else is to be said of a mail, in the viewer's language."""
    why = mail.why or ""
    if mail.state in (MailState.LODGED, MailState.THREADED):
        return t("mail.unverified" if why.startswith("unverified") else "mail.verified")
    if mail.state is MailState.UNREADABLE:
        return t("mail.no_sender" if "From line" in why else "mail.failed")
    if mail.state is MailState.AUTOMATIC and _HEADER.fullmatch(why):
        return why
    return " ".join(_STATUS.findall(why))
