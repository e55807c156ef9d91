"""Contracts from a file of rows: first what would change, then, once somebody says so, changed."""

from __future__ import annotations

import datetime as dt
import os
import sys
from dataclasses import dataclass, replace
from threading import Lock, Thread, get_native_id

import structlog
from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from config.contracts import KNOWN_COLUMNS, OPTIONAL_COLUMNS
from ivr_app.console.contract_import.preview import (
    MOST_ROWS,
    ContractSheet,
    UnreadableSheetError,
    build_preview,
    find_differences,
    read_sheet,
    translate_reason,
    write_rejected_rows,
)
from ivr_app.console.forms import Mistakes
from ivr_app.console.page import ConsolePage, needs
from ivr_app.console.session import (
    audit_entry,
    current_line,
    current_viewer,
    is_background_request,
    redirect_to,
)
from ivr_app.console.templating import t
from ivr_app.context import current_call_service, current_services
from ivr_app.thread_share import LONG
from routing.line import Line
from service.bootstrap import Services
from store.people.accounts import Role
from store.people.contract_store import ContractStore, ImportPreviews, StaleError
from store.people.import_preview import ImportPreview, ImportProgress
from store.people.lines import IMPORT

page = ConsolePage("contract_import", __name__, Role.MANAGER, path="/contracts/import")

Shown = str | Answer | tuple[str, int]

STALLED_AFTER = dt.timedelta(seconds=30)
"""After which a file of which no more rows are told is given up: its process has ended."""


@page.get("/")
@needs(Role.MANAGER)
def show() -> str:
    """Ask for a file."""
    return _render_upload({})


@page.post("/")
@needs(Role.MANAGER)
@LONG.limits
def read() -> Shown:
    """Begin to look a file through, and lead to what it would change; nothing is changed yet."""
    looked_at, file = _require_line(), request.files.get("file")
    if file is None or not file.filename:
        return _render_upload({"file": t("contract_import.no_file")}), 422
    try:
        paper = read_sheet(looked_at, file.read())
    except UnreadableSheetError as refused:
        return _render_upload({"file": refused.sentence}), 422
    key = FilePreview(current_services(), looked_at, paper, _open_previews()).begin()
    if key is None:
        return _render_upload({"file": t("contract_import.under_way")}), 429
    return redirect(url_for("contract_import.preview", key=key))


@page.get("/<key>")
@needs(Role.MANAGER)
def preview(key: str) -> str | Answer:
    """What a file would change, or has changed, and which of its rows are wrong; how far it is
    while it is still being looked through."""
    found = _find_preview(key)
    if found.progress is not None:
        still = current_call_service().clock() - found.progress.at > STALLED_AFTER
        return render_template(
            "contract_import/looking.html", key=key, so_far=found.progress, still=still
        )
    return (
        redirect_to(url_for("contract_import.preview", key=key))
        if is_background_request()
        else _render_preview(key, found)
    )


@page.post("/<key>")
@needs(Role.MANAGER)
@LONG.limits
def confirm(key: str) -> Shown:
    """Make the changes that were shown, all of them or none."""
    looked_at, found = _require_line(), _find_preview(key)
    if found.done or not found.changes:
        return redirect(url_for("contract_import.preview", key=key))
    told = audit_entry("contracts.import")
    counts = {kind: found.count(kind) for kind in ("added", "changed")}
    whole = told.on("line", looked_at.id, None, counts | {"wrong": len(found.wrong)})
    try:
        ContractStore(current_services().engine, looked_at.id, IMPORT).put(
            found.changes, told, over=whole
        )
    except StaleError as stale:
        return _render_preview(key, found, stale.numbers), 409
    _open_previews().write(key, looked_at.id, replace(found, done=True))
    return redirect(url_for("contract_import.preview", key=key))


@page.post("/<key>/drop")
@needs(Role.MANAGER)
def drop(key: str) -> Answer:
    """Forget the file; nothing was changed by it."""
    _open_previews().drop(key, _require_line().id)
    flash(t("contract_import.dropped"), "good")
    return redirect(url_for("contract_import.show"))


@page.get("/<key>/wrong.csv")
@needs(Role.MANAGER)
def wrong(key: str) -> Response:
    """The rows that are wrong, each with its line and reason and without its PIN."""
    answer = Response(write_rejected_rows(_find_preview(key).wrong), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="wrong-rows.csv")
    return answer


def _require_line() -> Line:
    looked_at = current_line()
    if looked_at is None:
        abort(404)
    return looked_at


def _open_previews() -> ImportPreviews:
    return ImportPreviews(current_services().engine, current_viewer().account.id)


def _find_preview(key: str) -> ImportPreview:
    found = _open_previews().find(key, _require_line().id, current_call_service().clock())
    if found is None:
        flash(t("contract_import.over"), "bad")
        abort(redirect(url_for("contract_import.show")))
    return found


def _render_upload(mistakes: Mistakes) -> str:
    return render_template(
        "contract_import/show.html",
        mistakes=mistakes,
        columns=[column for column in KNOWN_COLUMNS if column != "pin_hash"],
        optional=OPTIONAL_COLUMNS,
        most=MOST_ROWS,
    )


def _render_preview(key: str, found: ImportPreview, stale: tuple[str, ...] = ()) -> str:
    changes = [(change, find_differences(change)) for change in found.changes]
    about = {"key": key, "found": found, "changes": changes, "stale": stale}
    return render_template("contract_import/preview.html", reason=translate_reason, **about)


# A longer file is looked through beside the requests, and whoever chose it sees how far it is.


READING = Lock()
"""One file at a time in each process: hashing its PINs takes a while, and telephones come first."""

AT_ONCE = 25
"""Rows that are looked through while the browser waits: less than a second."""

GENTLY = 10
"""How much more willing than those that answer calls the thread is to wait for its turn."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FilePreview:
    """One file, and where it is kept what it would change."""

    services: Services
    line: Line
    paper: ContractSheet
    previews: ImportPreviews

    def begin(self) -> str | None:
        """The key of what is found; None while another file is being looked through."""
        if not READING.acquire(blocking=False):
            return None
        try:
            key = self.previews.keep(
                self.line.id, self._so_far(0), self.services.call_service.clock()
            )
            if self.paper.rows > AT_ONCE:
                Thread(target=self._beside, args=[key], daemon=True).start()
                return key
            self._look(key)
        except BaseException:
            READING.release()
            raise
        READING.release()
        return key

    def _beside(self, key: str) -> None:
        """Gently, and whatever goes wrong: nobody waits for a file of which nothing comes."""
        try:
            if sys.platform == "linux":
                os.setpriority(os.PRIO_PROCESS, get_native_id(), GENTLY)
            self._look(key)
        except Exception as error:
            log.error("file not looked through", error=type(error).__name__)
            self.previews.drop(key, self.line.id)
        finally:
            READING.release()

    def _look(self, key: str) -> None:
        def tell(looked: int) -> None:
            self.previews.write(key, self.line.id, self._so_far(looked))

        now = self.services.call_service.clock()
        found = build_preview(self.services, self.line, self.paper, now, tell)
        self.previews.write(key, self.line.id, found)

    def _so_far(self, looked: int) -> ImportPreview:
        return ImportPreview(
            progress=ImportProgress(looked, self.paper.rows, self.services.call_service.clock())
        )
