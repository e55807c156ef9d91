"""Tasks: exports and backups that take long, their progress, and their files.

A small export is answered at once. A large one becomes a task, which a worker does; whoever asked
for it, and every admin, can download its file for a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from flask import Response, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr_app.console import ConsolePage, audit_entry, current_viewer, may, needs
from ivr_app.context import current_call_service, current_services
from ivr_app.web import PageResponse, is_background_request, redirect_to, t, zone
from store.db.engine import writing
from store.log.exports import MEDIA_TYPES, write_rows
from store.log.retention import RESULTS_KEPT_FOR
from store.log.rows import Row
from store.people.accounts import Role
from store.people.audit import AuditEntry, record
from store.work.tasks import (
    BackUp,
    ExportCalls,
    ExportIncidents,
    NewTask,
    Task,
    TaskOrder,
    TaskState,
    TaskStore,
)

page = ConsolePage("tasks", __name__, Role.MANAGER, place=85)

AT_ONCE = 1000
"""Rows that an export has at once; more of them are a task."""

MOST_UNDER_WAY = 3
"""Tasks of one account that wait or run at the same time."""

BACKUP_TYPE = "application/octet-stream"


@page.get("/")
@needs(Role.MANAGER)
def show() -> str:
    """The viewer's own tasks, newest first; an admin sees those of everybody."""
    account = current_viewer().account.id
    if may(Role.ADMIN):
        return _render_list(_open_tasks().list_latest(None))
    return _render_list(_open_tasks().list_latest(account))


@page.get("/<task_id>")
@needs(Role.MANAGER)
def one(task_id: str) -> PageResponse:
    """One task with its progress; the page renews itself until the task is over."""
    task = _find_task(task_id)
    if is_background_request() and not task.under_way:
        return redirect_to(url_for("tasks.one", task_id=task_id))
    ends_at = None
    if task.done_at is not None:
        ends_at = task.done_at + RESULTS_KEPT_FOR
    return render_template("tasks/one.html", task=task, ends_at=ends_at, is_done=_is_done(task))


@page.post("/<task_id>/cancel")
@needs(Role.MANAGER)
def cancel(task_id: str) -> AnyResponse:
    """Stop a task. What it wrote so far is deleted."""
    task, now = _find_task(task_id), current_call_service().clock()
    entry = audit_entry("tasks.cancel").on("task", task.file_name)
    if not _open_tasks().cancel(task.id, now, entry):
        flash(t("tasks.over_already"), "bad")
    return redirect(url_for("tasks.one", task_id=task.id))


@page.get("/<task_id>/file")
@needs(Role.MANAGER)
def file(task_id: str) -> Response:
    """The file of a task, sent while it is read. The audit log records it."""
    task = _find_task(task_id)
    if not _is_done(task):
        abort(404)
    with writing(current_services().engine) as connection:
        record(connection, audit_entry("tasks.download").on("task", task.file_name))
    response = _send_file(_open_tasks().read_file(task.id), task.file_name, task.media_type)
    response.content_length = task.size
    return response


@page.post("/backup")
@needs(Role.ADMIN)
def back_up() -> AnyResponse:
    """Begin a backup."""
    now = current_call_service().clock().astimezone(zone())
    name = f"line-{now:%Y%m%d-%H%M}.backup"
    entry = audit_entry("tasks.backup").on("task", name)
    return _begin(BackUp(), name, BACKUP_TYPE, entry)


@dataclass(frozen=True, slots=True)
class Export:
    """An export as it is asked for; ``what`` begins the name of its file."""

    order: ExportCalls | ExportIncidents
    what: str
    entry: AuditEntry


def answer_export(wanted: Export, rows: Iterable[Row]) -> PageResponse:
    """Answer with the file if it is small, or else with the page of a task that makes it."""
    form, now = wanted.order.form, current_call_service().clock().astimezone(zone())
    name = f"{wanted.what}-{now:%Y%m%d-%H%M}.{form}"
    found = iter(rows)
    first = list(islice(found, AT_ONCE))
    following = next(found, None)
    if following is not None:
        return _begin(wanted.order, name, MEDIA_TYPES[form], wanted.entry)
    with writing(current_services().engine) as connection:
        record(connection, wanted.entry)
    text = "".join(chain(write_rows(form, first)))
    return _send_file(iter([text.encode()]), name, MEDIA_TYPES[form])


def _begin(order: TaskOrder, name: str, media_type: str, entry: AuditEntry) -> AnyResponse:
    account, tasks = current_viewer().account.id, _open_tasks()
    if tasks.count_under_way(account) >= MOST_UNDER_WAY:
        flash(t("tasks.too_many", most=MOST_UNDER_WAY), "bad")
        return redirect(url_for("tasks.show"))
    task_id = tasks.begin(NewTask(order, account, name, media_type), entry)
    return redirect(url_for("tasks.one", task_id=task_id))


def _send_file(content: Iterator[bytes], name: str, media_type: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _render_list(found: Iterable[Task]) -> str:
    return render_template("tasks/show.html", tasks=list(found), is_done=_is_done)


def _open_tasks() -> TaskStore:
    return TaskStore(current_services().engine)


def _find_task(task_id: str) -> Task:
    """The task, if the viewer asked for it or is an admin; only an admin has a backup."""
    task = _open_tasks().find(task_id)
    if task is None:
        abort(404)
    allowed = task.account == current_viewer().account.id and task.kind != "back_up"
    if not allowed and not may(Role.ADMIN):
        abort(404)
    return task


def _is_done(task: Task) -> bool:
    return task.state is TaskState.DONE
