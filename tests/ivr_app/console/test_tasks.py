"""Exports and backups: who may have which, how far they are, and the file at the end."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import expect

from ivr_app.console import tasks as page_of_tasks
from routing.decision import Case, Decision
from routing.jobs import Lane, Lease
from service.bootstrap import now
from store.log.call_search import CallFilter
from store.people.accounts import Accounts, Role
from store.people.audit import AuditEntry, AuditLog
from store.work.jobs import JobQueue
from store.work.tasks import (
    ExportCalls,
    NewTask,
    TaskProgress,
    TaskState,
    TaskStore,
    complete_task,
    fail_task,
)
from tests.ivr_app.console.conftest import LANGUAGES, fits_and_keeps_nobody_out, opened
from tests.ivr_app.console.dashboard.test_dashboard import words
from tests.ivr_app.console.staff import NAMES
from tests.store.cast import incident

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def many(monkeypatch, board, clock):
    """Three calls, which are more than an export has at once here."""
    monkeypatch.setattr(page_of_tasks, "AT_ONCE", 2)
    for number in range(3):
        board.call_service.answer(f"CA{number:032}", "+31201234567", "+31687654321")


@pytest.fixture
def tasks(board):
    return TaskStore(board.engine)


def ask(somebody, path="/calls/export", **fields):
    answer = somebody.post(path, **({"kind": "csv"} | fields))
    assert answer.status_code == 302
    return answer.location.removeprefix("/console").removesuffix("/")


def run(board, tasks, text=b"sid\r\nCA1\r\n"):
    """Do the task that waits, as a worker does."""
    lease = begin(board, tasks)
    tasks.write_part(lease, now(), TaskProgress(99, 3), text)
    JobQueue(board.engine).end(lease, now(), complete_task(lease.job))


def begin(board, tasks) -> Lease:
    (job,) = JobQueue(board.engine).claim(now(), {Lane.TASKS: 1})
    tasks.start_file(job.lease, now())
    return job.lease


def test_a_few_rows_come_at_once_and_many_become_a_task(signed_in, board, tasks, many):
    manager = signed_in("manager")
    few = manager.post("/calls/export", kind="csv", verified="yes")
    assert (few.status_code, few.mimetype) == (200, "text/csv")
    assert tasks.list_latest(None) == []
    where = ask(manager)
    assert "Wacht op een worker" in words(manager.get(where))
    lease = begin(board, tasks)
    tasks.write_part(lease, now(), TaskProgress(43, 1200), b"sid\r\n")
    assert "43% done. 1200 rows written." in words(manager.get(where, headers=ENGLISH))
    tasks.write_part(lease, now(), TaskProgress(99, 1234), b"CA1\r\n")
    JobQueue(board.engine).end(lease, now(), complete_task(lease.job))
    done = manager.get(where)
    assert "Te downloaden tot" in words(done)
    assert "hx-get" not in done.text
    file = manager.get(f"{where}/file")
    assert file.text == "sid\r\nCA1\r\n"
    assert file.headers["content-disposition"].startswith("attachment; filename=calls-")
    actions = [each.entry.action for each in AuditLog(board.engine).page()]
    assert actions[:3] == ["tasks.download", "calls.export", "calls.export"]
    assert tasks.list_latest(None)[0].file_name in manager.get("/tasks/").text


def test_incidents_are_exported_too(signed_in, board):
    case = Case(incident=incident(1))
    board.call_service.calls.save(Case(), Decision(case), now())
    sheet = signed_in("manager").post("/incidents/export", form="csv", state="all")
    (row,) = csv.DictReader(io.StringIO(sheet.text.removeprefix("\ufeff")))
    assert (row["id"], row["calls"]) == ("1001", "")
    entry = AuditLog(board.engine).page()[0].entry
    assert (entry.action, entry.after) == ("incidents.export", {"as": "csv", "asked": None})
    assert signed_in("engineer").post("/incidents/export", form="csv").status_code == 403
    assert signed_in("manager").post("/incidents/export", form="exe").status_code == 400
    nothing = signed_in("manager").post("/incidents/export", form="csv", contract="999999")
    assert nothing.text == "\ufeff"


def test_a_file_is_for_who_asked_for_it_and_for_admins(signed_in, board, tasks, many):
    admin, manager = signed_in("admin"), signed_in("manager")
    theirs = ask(admin)
    run(board, tasks)
    for path in (theirs, f"{theirs}/file"):
        assert manager.get(path).status_code == 404
    assert manager.post(f"{theirs}/cancel").status_code == 404
    assert "calls-" not in manager.get("/tasks/").text
    mine = ask(manager)
    run(board, tasks)
    assert admin.get(f"{mine}/file").status_code == 200
    assert NAMES[Role.MANAGER] in admin.get("/tasks/").text
    assert signed_in("engineer").get(f"{mine}/file").status_code == 403


def test_a_backup_is_for_admins_alone(signed_in, board, tasks):
    assert signed_in("manager").post("/tasks/backup").status_code == 403
    admin = signed_in("admin")
    where = ask(admin, "/tasks/backup")
    run(board, tasks, b"the whole database")
    assert admin.get(f"{where}/file").data == b"the whole database"
    assert AuditLog(board.engine).page()[1].entry.action == "tasks.backup"


def test_a_task_is_canceled_and_fails_with_a_sentence(signed_in, board, tasks, many):
    manager = signed_in("manager")
    first, second, third = (ask(manager) for _ in range(3))
    assert ask(manager) == "/tasks", "three at the same time are enough"
    assert manager.post(f"{first}/cancel").status_code == 302
    assert "Er is geen bestand" in words(manager.get(first))
    assert manager.get(f"{first}/file").status_code == 404
    lease = begin(board, tasks)
    JobQueue(board.engine).end(lease, now(), fail_task(lease.job, "stopped_too_often"))
    lease = begin(board, tasks)
    JobQueue(board.engine).end(lease, now(), fail_task(lease.job, "such as nobody knows"))
    english = [words(manager.get(path, headers=ENGLISH)) for path in (second, third)]
    assert any("ended three times" in text for text in english)
    assert any("the log of the worker has the reason" in text for text in english)
    states = sorted(task.state for task in tasks.list_latest(None))
    assert states == [TaskState.CANCELED, TaskState.FAILED, TaskState.FAILED]


def test_a_page_that_renews_itself_leads_on_when_the_task_is_over(signed_in, board, tasks, many):
    manager = signed_in("manager")
    where, renewing = ask(manager), {"HX-Request": "true"}
    assert manager.get(where, headers=renewing).status_code == 200
    run(board, tasks)
    over = manager.get(where, headers=renewing)
    assert over.headers["HX-Redirect"] == f"/console{where}"


BAR = {"nl": "20 % klaar. 200 rijen geschreven.", "en": "20% done. 200 rows written."}


@pytest.mark.browser
@pytest.mark.timeout(120)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bar_grows_without_moving_the_focus(look, web, language):
    with opened(web.environment["DATABASE_URL"]) as engine:
        tasks, queue = TaskStore(engine), JobQueue(engine)
        ruud = Accounts(engine).named(NAMES[Role.MANAGER])
        new = NewTask(ExportCalls(CallFilter("main"), "csv"), ruud.id, "calls.csv", "text/csv")
        where = tasks.begin(new, AuditEntry(now(), ruud.name, "console", "calls.export"))
        (job,) = queue.claim(now(), {Lane.TASKS: 1})
        tasks.start_file(job.lease, now())
        tasks.write_part(job.lease, now(), TaskProgress(20, 200), b"x")
        page = look("manager", f"/tasks/{where}", language)
        bar = page.get_by_role("progressbar")
        expect(bar).to_have_attribute("value", "20")
        expect(bar).to_have_accessible_name(BAR[language])
        fits_and_keeps_nobody_out(page, language)
        stop = page.locator("form[action$=cancel] button")
        stop.focus()
        tasks.write_part(job.lease, now(), TaskProgress(60, 600), b"x")
        expect(bar).to_have_attribute("value", "60")
        expect(stop).to_be_focused()
        queue.end(job.lease, now(), complete_task(where))
        expect(page.get_by_role("link", name="Download")).to_be_visible()
        fits_and_keeps_nobody_out(page, language)
