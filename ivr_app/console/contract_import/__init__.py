"""Imports contracts.csv: first a preview of the changes, then, after confirmation, the changes."""

from __future__ import annotations

import datetime as dt
import os
import sys
from dataclasses import dataclass, replace
from threading import Lock, Thread, get_native_id

import structlog
from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.contracts import KNOWN_COLUMNS, OPTIONAL_COLUMNS
from ivr_app.console import ConsolePage, audit_entry, current_viewer, needs, require_line
from ivr_app.console.contract_import import preview as previews
from ivr_app.context import current_call_service, current_services
from ivr_app.thread_share import LONG
from ivr_app.web import Mistakes, PageResponse, is_background_request, redirect_to, t
from routing.contracts import ContractOrigin
from routing.line import Line
from service.bootstrap import Services
from store.people.accounts import Role
from store.people.contract_store import ContractStore, ImportPreviews, StaleError
from store.people.import_preview import ImportPreview, ImportProgress

page = ConsolePage("contract_import", __name__, Role.MANAGER, path="/contracts/import")

STALLED_AFTER = dt.timedelta(seconds=30)
"""A file without progress for this time is given up: its process has ended."""


@page.get("/")
@needs(Role.MANAGER)
def show() -> str:
    """Show the form that asks for a file."""
    return _render_upload({})


@page.post("/")
@needs(Role.MANAGER)
@LONG.limits
def read() -> PageResponse:
    """Start to process a file, and lead to its preview. Nothing is changed yet."""
    line, file = require_line(), request.files.get("file")
    if file is None or not file.filename:
        return _render_upload({"file": t("contract_import.no_file")}), 422
    try:
        sheet = previews.read_sheet(line, file.read())
    except previews.UnreadableSheetError as refused:
        return _render_upload({"file": refused.sentence}), 422
    key = FileProcessing(current_services(), line, sheet, _open_previews()).begin()
    if key is None:
        return _render_upload({"file": t("contract_import.under_way")}), 429
    return redirect(url_for("contract_import.preview", key=key))


@page.get("/<key>")
@needs(Role.MANAGER)
def preview(key: str) -> PageResponse:
    """Show the preview of a file, or its result, or the progress while it is processed."""
    found = _find_preview(key)
    if found.progress is not None:
        idle = current_call_service().clock() - found.progress.at
        return render_template(
            "contract_import/progress.html",
            key=key,
            progress=found.progress,
            stalled=idle > STALLED_AFTER,
        )
    if is_background_request():
        return redirect_to(url_for("contract_import.preview", key=key))
    return _render_preview(key, found)


@page.post("/<key>")
@needs(Role.MANAGER)
@LONG.limits
def confirm(key: str) -> PageResponse:
    """Make the changes of the preview, all of them or none."""
    line, found = require_line(), _find_preview(key)
    if found.done or not found.changes:
        return redirect(url_for("contract_import.preview", key=key))
    entry = audit_entry("contracts.import")
    counts = {kind: found.count(kind) for kind in ("added", "changed")}
    whole = entry.on("line", line.id, None, counts | {"wrong": len(found.wrong)})
    try:
        store = ContractStore(current_services().engine, line.id, ContractOrigin.IMPORT)
        store.put(found.changes, entry, summary=whole)
    except StaleError as stale:
        return _render_preview(key, found, stale.numbers), 409
    _open_previews().write(key, line.id, replace(found, done=True))
    return redirect(url_for("contract_import.preview", key=key))


@page.post("/<key>/drop")
@needs(Role.MANAGER)
def drop(key: str) -> AnyResponse:
    """Delete the preview. Nothing was changed."""
    _open_previews().drop(key, require_line().id)
    flash(t("contract_import.dropped"), "good")
    return redirect(url_for("contract_import.show"))


@page.get("/<key>/wrong.csv")
@needs(Role.MANAGER)
def wrong(key: str) -> Response:
    """The invalid rows as a file, with line and reason and without PINs."""
    rows = previews.write_rejected_rows(_find_preview(key).wrong)
    answer = Response(rows, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="wrong-rows.csv")
    return answer


def _open_previews() -> ImportPreviews:
    return ImportPreviews(current_services().engine, current_viewer().account.id)


def _find_preview(key: str) -> ImportPreview:
    found = _open_previews().find(key, require_line().id, current_call_service().clock())
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
        most=previews.MOST_ROWS,
    )


def _render_preview(key: str, found: ImportPreview, stale: tuple[str, ...] = ()) -> str:
    return render_template(
        "contract_import/preview.html",
        key=key,
        found=found,
        changes=[(change, previews.find_differences(change)) for change in found.changes],
        stale=stale,
        reason=previews.translate_reason,
    )


# A long file is processed in a thread of its own, while its page shows the progress.


READING = Lock()
"""One file at a time in each process: it takes processor time that calls need."""

AT_ONCE = 25
"""Rows that are processed within the request, in less than a second."""

NICENESS = 10
"""How much the thread gives way to those that answer calls."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FileProcessing:
    """Processes one file and stores its preview."""

    services: Services
    line: Line
    sheet: previews.ContractSheet
    storage: ImportPreviews

    def begin(self) -> str | None:
        """Return the key of the preview, or None while another file is processed."""
        if not READING.acquire(blocking=False):
            return None
        try:
            key = self.storage.keep(self.line.id, self._build_progress(0), self._now())
            if self.sheet.rows > AT_ONCE:
                Thread(target=self._process_in_background, args=[key], daemon=True).start()
                return key
            self._process(key)
        except BaseException:
            READING.release()
            raise
        READING.release()
        return key

    def _process_in_background(self, key: str) -> None:
        """Process the file at a low priority; after any error the preview is deleted."""
        try:
            if sys.platform == "linux":
                os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)
            self._process(key)
        except Exception as error:
            log.error("contract file not processed", error=type(error).__name__)
            self.storage.drop(key, self.line.id)
        finally:
            READING.release()

    def _process(self, key: str) -> None:
        def report(rows: int) -> None:
            self.storage.write(key, self.line.id, self._build_progress(rows))

        found = previews.build_preview(self.services, self.line, self.sheet, self._now(), report)
        self.storage.write(key, self.line.id, found)

    def _build_progress(self, rows: int) -> ImportPreview:
        return ImportPreview(progress=ImportProgress(rows, self.sheet.rows, self._now()))

    def _now(self) -> dt.datetime:
        return self.services.call_service.clock()
