"""Messages and files of an incident: the answer to the customer has a page of its own, so that
nobody takes it for an internal note."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import IO

from flask import Response, abort, flash, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.datastructures import FileStorage

from ivr_app.attachments import send_file
from ivr_app.console import (
    ConsolePage,
    accepts_files,
    audit_entry,
    calls,
    incidents,
    make_form_id,
    needs,
)
from ivr_app.context import current_call_service, current_services
from ivr_app.web import Form, Mistakes, PageResponse, language, read_form, t
from routing.correspondence import AnswerEffect, Author, Upload
from routing.message import Via
from routing.ports import FileTooLargeError
from service.incident_actions import CustomerAnswer, IncidentActions
from service.refusals import ActionRefusedError
from store.people.accounts import Role
from store.people.audit import audit_writes

page = ConsolePage("correspondence", __name__, Role.VIEWER, path="/incidents")

LONGEST_ANSWER = 10_000
"""Characters."""

MOST_FILES = 10
READ = 256 * 1024
"""Bytes of a file that are read at once."""


class AnswerForm(Form):
    """An answer to the customer. ``reads`` is the tick that the customer may read it; ``answer``
    was made for the page, so that a second click sends nothing."""

    words: str = Field(max_length=LONGEST_ANSWER)
    effect: AnswerEffect
    reads: str
    answer: str = Field(pattern=r"^[0-9a-f]{32}$")


@page.get("/<int:number>/answer")
@needs(Role.ENGINEER)
def answer(number: int) -> PageResponse:
    """The form of an answer, below what customer and staff have written so far."""
    actions = incidents.open_incident_actions(number)
    if actions is None:
        return _refuse_viewer(number)
    return _render(actions, {})


@page.post("/<int:number>/answer")
@needs(Role.ENGINEER)
@accepts_files
def send(number: int) -> PageResponse:
    """Send the answer. A mistake gives the words back, and sends nothing."""
    actions = incidents.open_incident_actions(number)
    if actions is None:
        return _refuse_viewer(number)
    form, mistakes = read_form(AnswerForm)
    if form is None:
        return _render(actions, _explain(mistakes)), 422
    try:
        message = make_form_id(form.answer)
        given = CustomerAnswer(form.words, message, form.effect, _store_files(actions))
        with audit_writes(audit_entry("incidents.answer").on("incident", str(number))):
            actions.answer(given)
    except FileTooLargeError:
        return _render(actions, {"files": t("correspondence.too_large")}), 413
    except ActionRefusedError as refused:
        return _render(actions, {"effect": refused.render(language())}), 409
    flash(t(f"correspondence.done.{form.effect}", number=number), "good")
    return redirect(url_for("incidents.one", number=number))


@page.get("/files/<file_id>")
@needs(Role.VIEWER)
def file(file_id: str) -> Response:
    """A file of an incident, as a download: no browser opens it by itself."""
    found = current_call_service().calls.correspondence.find_file(file_id)
    if found is None or found.incident is None:
        abort(404)
    return send_file(found)


def _refuse_viewer(number: int) -> PageResponse:
    """Lead a viewer who belongs to no engineer of the line back to the incident; 404 if there is
    none."""
    if current_call_service().calls.find_by_number(number) is None:
        abort(404)
    flash(t("incidents.nobody"), "bad")
    return redirect(url_for("incidents.one", number=number))


def _explain(mistakes: Mistakes) -> Mistakes:
    """The mistakes, in the words of this form where it has some."""
    own = {"reads": t("correspondence.not_ticked"), "effect": t("correspondence.not_chosen")}
    return mistakes | {name: words for name, words in own.items() if name in mistakes}


def _render(actions: IncidentActions, mistakes: Mistakes) -> str:
    """The form, with what was typed before, and a new id for an answer that was not sent yet."""
    incident, correspondence = actions.incident, current_call_service().calls.correspondence
    unread = actions.why_unread()
    if unread is not None:
        unread = actions.render_refusal(unread, language())
    return render_template(
        "correspondence/answer.html",
        unread=unread,
        it=incident,
        messages=correspondence.find_messages(incident.key),
        files={file.id: file for file in correspondence.find_files(incident.key)},
        effects=[one for one in AnswerEffect if actions.why_no_answer(one) is None],
        mistakes=mistakes,
        answer=request.form.get("answer") or secrets.token_hex(16),
        names=calls.list_engineer_names(actions.line),
        longest=LONGEST_ANSWER,
        most=MOST_FILES,
        largest=current_services().settings.largest_file,
    )


def _store_files(actions: IncidentActions) -> tuple[str, ...]:
    """Store the files of the form and return their ids. Raises FileTooLargeError."""
    sent = [each for each in request.files.getlist("files") if each.filename]
    return tuple(_store_file(actions, each) for each in sent[:MOST_FILES])


def _store_file(actions: IncidentActions, sent: FileStorage) -> str:
    upload = Upload(
        line=actions.line.id,
        name=sent.filename or "",
        media_type=sent.mimetype,
        author=Author.STAFF,
        by=actions.who,
        door=Via.CONSOLE,
        contract=actions.incident.contract,
    )
    repository, now = current_call_service().calls.correspondence, current_call_service().clock()
    limit = current_services().settings.largest_file
    return repository.write_file(upload, _read(sent.stream), limit, now).id


def _read(stream: IO[bytes]) -> Iterator[bytes]:
    while data := stream.read(READ):
        yield data
