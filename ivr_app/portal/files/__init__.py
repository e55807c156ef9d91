"""Files of customers: stored while they arrive, and given back to be saved, never to be opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import cast

from flask import Request, Response, abort, current_app, render_template, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import TooManyRequests

from ivr_app.attachments import send_file
from ivr_app.context import current_call_service, current_services
from ivr_app.portal.session import (
    PortalContact,
    PortalPage,
    current_contact,
    find_contact,
    find_own_incident,
    for_contacts,
    takes,
)
from ivr_app.portal.uploads import (
    HEAD,
    MOST_BYTES,
    MOST_FILES,
    FileRefusedError,
    FileWarning,
    ReceivedForm,
    Refused,
    TransferLimit,
    find_warning,
    receive_form,
)
from ivr_app.web import PageResponse, View, check_form_token, format_size, language, t
from ivr_app.web_server import limit_transfer
from routing.correspondence import Author, IncidentFile, Upload, tidy_file_name
from routing.incident import Incident
from routing.message import Via
from routing.ports import FileTooLargeError

page = PortalPage("files", __name__)

MIB = 1024 * 1024
MOST_UNATTACHED = 60
"""Files of a contract that belong to no incident yet; they are deleted after a day."""

AT_ONCE = TransferLimit(3)
"""Forms with files of one contract that this process reads at the same time."""

LONGEST_TYPE = 100
BUSY_FOR = 10
"""Seconds after which a contact whose colleagues send many files should try again."""


# Forms with files. The views that take them read the form as every other view does.


TAKES_FILES = "__takes_files__"


def takes_files(view: View) -> View:
    """Let a view take forms with files. Each file is stored before the view begins."""
    setattr(view, TAKES_FILES, True)
    # The reader of the form has limits of its own, which lose no words.
    return takes(lambda: 2 * MOST_BYTES)(view)


class PortalRequest(Request):
    """A request whose files are stored while they arrive, if its view takes any."""

    received = ReceivedForm()
    """The form with files, once it is read."""

    def _load_form_data(self) -> None:
        """Read the form, at its first use."""
        view = current_app.view_functions.get(self.endpoint or "")
        contact = find_contact()
        plain = contact is None or not hasattr(view, TAKES_FILES)
        if "form" in self.__dict__ or plain or self.mimetype != "multipart/form-data":
            super()._load_form_data()
        elif contact is not None:
            self.received = self._receive(contact)
            self.__dict__["form"] = ImmutableMultiDict(self.received.fields)
            self.__dict__["files"] = ImmutableMultiDict()

    def _receive(self, contact: PortalContact) -> ReceivedForm:
        def accept(form: ReceivedForm) -> FileKeeper:
            check_form_token(self.headers.get("X-CSRF-Token") or form.fields.get("csrf_token"))
            return FileKeeper(contact)

        owner = f"{contact.line.id} {contact.contract.number}"
        with AT_ONCE.taken(owner) as got:
            if not got:
                raise TooManyRequests(retry_after=BUSY_FOR)
            # All its files, of the largest size, and its words: a longer one is a false promise.
            most = MOST_FILES * find_largest() + MIB
            limit_transfer(self.environ, min(self.content_length or most, most))
            stream, kind = self._get_stream_for_parsing(), self.content_type or ""
            return receive_form(stream, kind, accept, most)


@dataclass(frozen=True, slots=True)
class FileKeeper:
    """Stores the files of a contact, as long as their contract has room."""

    contact: PortalContact

    def __call__(self, name: str, media_type: str, content: Iterator[bytes]) -> str:
        """Store one file and return its id. Raises FileRefusedError."""
        service, first = current_call_service(), next(content, None)
        if first is None:
            raise FileRefusedError(Refused.EMPTY)
        upload = Upload(
            line=self.contact.line.id,
            name=name,
            media_type="".join(filter(str.isprintable, media_type))[:LONGEST_TYPE],
            author=Author.CUSTOMER,
            by=self.contact.name,
            door=Via.PORTAL,
            contract=self.contact.contract.number,
        )
        room, largest = self._find_room(), find_largest()
        try:
            kept = service.calls.correspondence.write_file(
                upload, chain((first,), content), min(room, largest), service.clock()
            )
        except FileTooLargeError:
            raise FileRefusedError(Refused.TOO_LARGE if room > largest else Refused.FULL) from None
        return kept.id

    def _find_room(self) -> int:
        line, contract = self.contact.line.id, self.contact.contract.number
        used = current_call_service().calls.correspondence.measure_files(line, contract)
        if used.unattached >= MOST_UNATTACHED:
            raise FileRefusedError(Refused.TOO_MANY)
        room = current_services().settings.files_of_contract_mb * MIB - used.bytes
        if room <= 0:
            raise FileRefusedError(Refused.FULL)
        return room


def find_largest() -> int:
    """Return how many bytes a file may have."""
    return current_services().settings.largest_file


def find_limits() -> dict[str, int]:
    """Return the limits that the form tells."""
    return {"count": MOST_FILES, "size": find_largest()}


@dataclass(frozen=True, slots=True)
class ShownUpload:
    """A file that goes with a form, and what to warn its sender of."""

    file: IncidentFile
    warning: FileWarning | None


def find_uploads() -> list[ShownUpload]:
    """Return the files that go with the form of this request: those that it names and those that
    came with it. A file of another contract, or of an incident, is none of them."""
    return list_uploads([*request.form.getlist("upload"), *current_form().files])


def list_uploads(wanted: Sequence[str]) -> list[ShownUpload]:
    """Return those of these files that can go with a form of the contact."""
    found = (_find_file(one) for one in dict.fromkeys(wanted[: 3 * MOST_FILES]))
    own = [one for one in found if one is not None and _is_own_upload(one)]
    return [ShownUpload(one, _find_warning(one)) for one in own[:MOST_FILES]]


def current_form() -> ReceivedForm:
    """Return what came with the form of this request."""
    return cast(PortalRequest, request).received


def describe_refusals() -> list[str]:
    """Return a sentence for each file of this request that does not go with its form."""
    form, limits = current_form(), find_limits()
    size = format_size(language(), limits["size"])
    told = [
        t(
            f"portal.files.refused.{one.why}",
            name=tidy_file_name(one.name),
            count=limits["count"],
            size=size,
        )
        for one in form.refused
    ]
    if not form.complete:
        told.append(t("portal.files.cut_off"))
    going = {one.file.id for one in find_uploads()}
    if not going.issuperset(request.form.getlist("upload")):
        told.append(t("portal.files.gone"))
    return told


def _is_own_upload(file: IncidentFile) -> bool:
    contact = current_contact()
    theirs = (file.line, file.contract) == (contact.line.id, contact.contract.number)
    return theirs and file.incident is None and file.author is Author.CUSTOMER


def _find_warning(file: IncidentFile) -> FileWarning | None:
    content = current_call_service().calls.correspondence.read_file(file.id)
    return find_warning(file.name, next(content, b"")[:HEAD])


def _find_file(file_id: str) -> IncidentFile | None:
    return current_call_service().calls.correspondence.find_file(file_id)


def list_own_files(incident: Incident) -> list[IncidentFile]:
    """Return the files of an incident that its customer may see: their own, and those that the
    staff sent them with a message."""
    correspondence = current_call_service().calls.correspondence
    messages = correspondence.find_messages(incident.key)
    sent = {file for message in messages for file in message.files}
    files = correspondence.find_files(incident.key)
    return [one for one in files if one.author is Author.CUSTOMER or one.id in sent]


# The pages.


@page.post("/")
@for_contacts
@takes_files
def add() -> PageResponse:
    """Store files for a form that is still being written; the answer is their part of it."""
    uploads, refused = find_uploads(), describe_refusals()
    answer = render_template("files/added.html", uploads=uploads, refused=refused)
    return answer, 200, {"X-Upload": "1"}


@page.get("/<file>")
@for_contacts
def fetch(file: str) -> Response:
    """The content of a file of an incident of the contract, or of an upload of theirs."""
    found = _find_own_file(file) or abort(404)
    return send_file(found)


def _find_own_file(file_id: str) -> IncidentFile | None:
    file = _find_file(file_id)
    if file is None or _is_own_upload(file):
        return file
    case = current_call_service().calls.find_by_incident(file.incident or "")
    if case is None or case.incident is None:
        return None
    incident = find_own_incident(case.incident.number)
    return next((one for one in list_own_files(incident) if one.id == file_id), None)
