"""A new report: a form, a preview of it, and then the number of the incident."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from flask import abort, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.datastructures import MultiDict

from ivr_app.context import current_call_service
from ivr_app.portal import PortalPage, current_contact, for_contacts, open_portal_sessions
from ivr_app.portal.files import (
    ShownUpload,
    describe_refusals,
    find_limits,
    find_uploads,
    list_uploads,
    takes_files,
)
from ivr_app.web import (
    LANGUAGES,
    Form,
    Mistakes,
    PageResponse,
    format_clock,
    format_day,
    language,
    read_form,
    t,
    zone,
)
from routing.call import DatabaseAge, Entitlement, Identity, RecognitionFault, SignatureRequest
from routing.call_service import lodge
from routing.caller.identify import build_identity, find_entitlement
from routing.contracts.coverage import find_plan, find_promise_at, find_standing
from routing.contracts.plans import OfficeTime, Plan
from routing.draft import why_barred
from routing.events import Lodged
from routing.incident import IncidentKind, IncidentSource

page = PortalPage("new", __name__, place=20)

LEVELS = (1, 2, 3, 4)
LONGEST_SUBJECT = 120
LONGEST_WORDS = 20_000
LONGEST_LINE = 300
"""Characters of the fields."""

DRAFT = "report"
TOKEN = re.compile(r"[0-9a-f]{32}")


class RequestForm(Form):
    """A report as the contact wrote it."""

    subject: Annotated[str, Field(max_length=LONGEST_SUBJECT)]
    level: Annotated[int, Field(ge=1, le=4)]
    words: Annotated[str, Field(max_length=LONGEST_WORDS)] = ""
    kind: IncidentKind = IncidentKind.INCIDENT
    verdict: RecognitionFault = RecognitionFault.UNKNOWN
    databases: DatabaseAge = DatabaseAge.UNKNOWN
    products: Annotated[str, Field(max_length=LONGEST_LINE)] = ""
    affected_since: Annotated[str, Field(max_length=LONGEST_LINE)] = ""
    token: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] = ""

    @property
    def request(self) -> SignatureRequest | None:
        """What is asked about virus recognition, if that is what it is about."""
        if self.kind is not IncidentKind.SIGNATURE_REQUEST:
            return None
        return SignatureRequest(self.verdict, self.databases)


@page.get("/")
@for_contacts
def show() -> str:
    """The form: empty, or with what was written in it before. Its token makes the same form, sent
    twice, one incident."""
    draft = _find_draft()
    if draft is None:
        return _render_form({"token": secrets.token_hex(16)}, {}, ())
    uploads = list_uploads(draft.getlist("upload"))
    return _render_form(draft, {}, uploads, drafted="change" not in request.args)


@page.get("/check")
@for_contacts
def check() -> PageResponse:
    """The preview of what was written, or the form with its mistakes. Going back, and again, to a
    page that was asked for sends nothing twice."""
    draft = _find_draft()
    if draft is None:
        return redirect(url_for("new.show"))
    form, mistakes = read_form(RequestForm, draft)
    uploads = list_uploads(draft.getlist("upload"))
    if form is None:
        return _render_form(draft, mistakes, uploads)
    return _render_preview(form, uploads)


@page.post("/")
@for_contacts
@takes_files
def write() -> PageResponse:
    """Keep the form, and lead to its preview; after the preview, send it."""
    form, mistakes = read_form(RequestForm)
    uploads, refused = find_uploads(), describe_refusals()
    step = request.form.get("step")
    _keep_draft(uploads)
    if refused:
        return _render_form(request.form, mistakes, uploads), 422
    if step == "change":
        return redirect(url_for("new.show", change=1), 303)
    if step == "send" and form is not None and form.token:
        number = _send(form, uploads)
        open_portal_sessions().keep_draft(current_contact().session_id, DRAFT, None)
        return redirect(url_for("incidents.one", number=number), 303)
    return redirect(url_for("new.check"), 303)


@page.post("/empty")
@for_contacts
def empty() -> PageResponse:
    """Forget what was written, and show the empty form."""
    open_portal_sessions().keep_draft(current_contact().session_id, DRAFT, None)
    return redirect(url_for("new.show"), 303)


def _find_draft() -> MultiDict[str, str] | None:
    draft = open_portal_sessions().find_draft(current_contact().session_id, DRAFT)
    return None if draft is None else MultiDict(draft)


def _keep_draft(uploads: Sequence[ShownUpload]) -> None:
    """Keep what was written until it is sent: a connection that breaks, another language or a
    wrong button loses no words."""
    draft = {name: [request.form.get(name, "")] for name in RequestForm.model_fields}
    draft["upload"] = [one.file.id for one in uploads]
    if not TOKEN.fullmatch(draft["token"][0]):
        draft["token"] = [secrets.token_hex(16)]
    open_portal_sessions().keep_draft(current_contact().session_id, DRAFT, draft)


def _render_form(
    values: Mapping[str, str],
    mistakes: Mistakes,
    uploads: Sequence[ShownUpload],
    *,
    drafted: bool = False,
) -> str:
    contact = current_contact()
    line, plan = contact.line, contact.line.plan(contact.contract.plan)
    return render_template(
        "new/form.html",
        values=defaultdict(str, values),
        mistakes=mistakes,
        uploads=uploads,
        drafted=drafted,
        refused=describe_refusals(),
        limits=find_limits(),
        in_force=_find_plan() is not None,
        standing=_identify()[0].value,
        levels=[(level, _find_promise(level)) for level in LEVELS],
        requests=plan.allows_request(IncidentKind.SIGNATURE_REQUEST.value),
        number=line.number,
        most={"subject": LONGEST_SUBJECT, "words": LONGEST_WORDS, "line": LONGEST_LINE},
    )


def _render_preview(form: RequestForm, uploads: Sequence[ShownUpload]) -> str:
    hidden: dict[str, Any] = form.model_dump(mode="json")
    wakes = _wakes(form)
    return render_template(
        "new/preview.html",
        form=form,
        uploads=uploads,
        hidden=list(hidden.items()),
        follows=_describe_next(form, wakes=wakes),
        in_force=_find_plan() is not None,
        standing=_identify()[0].value,
        critical=wakes,
        digits=(_identify()[1].phone or "")[-4:],
        promised=_find_promise(form.level),
    )


def _wakes(form: RequestForm) -> bool:
    """Return True if the page may say that people are rung for the report once it is sent."""
    facts = current_call_service().facts(current_contact().line)
    (entitlement, identity), plan = _identify(), _find_plan()
    standing = find_standing(plan, entitlement, form.level, office_open=facts.office_open)
    return (
        form.level == 1 and plan is not None and why_barred(facts, standing, identity.phone) is None
    )


def _describe_next(form: RequestForm, *, wakes: bool) -> str:
    """Return what happens once the report is sent. Specialists answer a request about virus
    recognition."""
    facts = current_call_service().facts(current_contact().line)
    opens, plan = facts.office_opens(), _find_plan()
    if plan is None:
        return t("portal.new.follows.expired")
    if wakes:
        return t("portal.new.follows.rings")
    if form.level == 1:
        return t("portal.new.follows.message_only")
    who = "portal.new.follows."
    if form.request is not None:
        who = "portal.new.follows.specialists_"
    if facts.office_open or plan.covers(form.level, office_open=facts.office_open):
        return t(f"{who}desk")
    if opens is None:
        return t(f"{who}soon")
    day, clock = format_day(language(), opens, zone()), format_clock(opens, zone())
    return t(f"{who}later", at=f"{day} {clock}")


def _find_promise(level: int) -> OfficeTime | None:
    """Return the response time that is promised to the contact at a level."""
    plan = _find_plan()
    if plan is None:
        return None
    return find_promise_at(current_contact().line, plan, level)


def _find_plan() -> Plan | None:
    """Return the plan by which the contact is served; None if their contract is not in force."""
    contact, (entitlement, _) = current_contact(), _identify()
    return find_plan(contact.line, entitlement, contact.contract.plan)


def _identify() -> tuple[Entitlement, Identity]:
    """Return who reports it: as sure as with a PIN."""
    contact, now = current_contact(), current_call_service().clock()
    entitlement = find_entitlement(contact.contract, contact.line, now)
    return entitlement, build_identity(contact.contract, contact.contact, entitlement, contact.line)


def _send(form: RequestForm, uploads: Sequence[ShownUpload]) -> int:
    """Lodge the report, and return the number of its incident."""
    contact, (entitlement, identity) = current_contact(), _identify()
    # With the contract in it, nobody can name the incident of another contract.
    mark = f"portal {contact.line.id} {contact.contract.number} {form.token}"
    event = Lodged(
        key=hashlib.sha256(mark.encode()).hexdigest()[:32],
        line=contact.line.id,
        source=IncidentSource.PORTAL,
        urgency=form.level,
        language=_choose_language(),
        entitlement=entitlement,
        identity=identity,
        words=form.words,
        subject=form.subject,
        kind=form.kind,
        request=form.request,
        products=form.products,
        affected_since=form.affected_since,
        files=tuple(one.file.id for one in uploads),
    )
    incident = lodge(current_call_service(), event).incident or abort(404)
    return incident.number


def _choose_language() -> str:
    """Return the language of the contact if no page is in it, else that of the page; if the line
    does not speak it, the line's first."""
    spoken, theirs = current_contact().line.languages, current_contact().contact.language
    if theirs in spoken and theirs not in LANGUAGES:
        return theirs
    if language() in spoken:
        return language()
    return spoken[0]
