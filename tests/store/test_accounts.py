"""Accounts, and the log of what people changed."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select

from store.db.engine import reading, writing
from store.people.accounts import Account, Accounts, LastAdminError, NameTakenError, Role
from store.people.audit import AuditEntry, AuditLog, audit_writes
from store.tables.people import audit_log
from store.tables.work import failed_pins

AT = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
ANNA = Account(0, "Anna ", Role.ADMIN, password_hash="a hash", language="nl")


def deed(word="accounts.add", who="root"):
    return AuditEntry(AT, who, "cli", word)


def something_written(engine, subject="a"):
    with writing(engine) as connection:
        connection.execute(insert(failed_pins), {"subject": subject, "at": AT})


def test_a_name_is_one_persons_however_it_is_written(engine):
    accounts = Accounts(engine)
    accounts.add(ANNA, deed())
    with pytest.raises(NameTakenError):
        accounts.add(Account(0, "ANNA", Role.VIEWER), deed())
    assert accounts.named(" aNNa").role is Role.ADMIN
    assert [row.entry.action for row in AuditLog(engine).page()] == ["accounts.add"]


def test_a_change_tells_what_was_and_what_is_and_no_secret(engine):
    accounts = Accounts(engine)
    anna = accounts.add(ANNA, deed())
    accounts.change(anna, deed("own.language", "anna"), language="en", password_hash="another")
    entry = AuditLog(engine).page()[0].entry
    assert (entry.who, entry.thing) == ("anna", "anna")
    assert (entry.before, entry.after) == ({"language": "nl"}, {"language": "en"})


def test_whoever_is_gone_cannot_be_changed_and_leaves_no_second_entry(engine):
    accounts = Accounts(engine)
    anna = accounts.add(replace(ANNA, role=Role.VIEWER), deed())
    assert accounts.end(anna, deed("accounts.end"))
    assert not accounts.end(anna, deed("accounts.end"))
    assert accounts.change(anna, deed("own.language"), language="en") is None
    deeds = [row.entry.action for row in AuditLog(engine).page()]
    assert deeds == ["accounts.end", "accounts.add"]


def test_two_admins_who_let_each_other_go_at_once_leave_one(engine):
    accounts = Accounts(engine)
    both = [accounts.add(replace(ANNA, name=name), deed()) for name in ("anna", "milan")]

    def let_go(account):
        try:
            return accounts.end(account, deed("accounts.end"))
        except LastAdminError:
            return False

    with ThreadPoolExecutor(2) as hands:
        assert sorted(hands.map(let_go, both)) == [False, True]
    assert len(accounts.all()) == 1


@pytest.mark.parametrize("who", ["accounts.role", "elsewhere.role"])
def test_nobody_demotes_the_last_admin(engine, who):
    accounts = Accounts(engine)
    anna = accounts.add(ANNA, deed())
    with pytest.raises(LastAdminError):
        accounts.change(anna, deed(who), role=Role.VIEWER)
    accounts.add(replace(ANNA, name="milan"), deed())
    accounts.change(anna, deed(who), role=Role.VIEWER)
    assert accounts.named("anna").role is Role.VIEWER


def test_what_is_written_inside_a_deed_is_in_the_log_with_it_once(engine):
    with audit_writes(deed("calls.note").on("incident", "1001")):
        something_written(engine)
        something_written(engine, "b")
    something_written(engine, "c")
    (row,) = AuditLog(engine).page()
    assert (row.entry.kind, row.entry.thing) == ("incident", "1001")


def test_what_was_undone_is_not_in_the_log_and_what_came_of_it_then_is(engine):
    with audit_writes(deed("calls.note")):
        with pytest.raises(LookupError), writing(engine) as connection:
            connection.execute(insert(failed_pins), {"subject": "a", "at": AT})
            raise LookupError
        assert AuditLog(engine).page() == []
        something_written(engine)
    assert len(AuditLog(engine).page()) == 1


def test_the_deed_and_the_change_are_committed_together(engine):
    with audit_writes(deed()), writing(engine) as connection:
        connection.execute(insert(failed_pins), {"subject": "a", "at": AT})
        with reading(engine) as other:
            assert other.scalar(select(func.count()).select_from(audit_log)) == 0
    with reading(engine) as other:
        assert other.scalar(select(func.count()).select_from(audit_log)) == 1


def test_without_anything_written_there_was_no_deed(engine):
    with audit_writes(deed()), reading(engine) as connection:
        connection.execute(select(failed_pins))
    assert AuditLog(engine).page() == []


def test_the_log_is_read_by_pages_newest_first(engine):
    accounts = Accounts(engine)
    for name in "abcde":
        accounts.add(Account(0, name, Role.VIEWER), deed(who=name))
    log = AuditLog(engine)
    first = log.page(size=2)
    assert [row.entry.who for row in first] == ["e", "d"]
    assert [row.entry.who for row in log.page(first[-1].id, size=2)] == ["c", "b"]
    assert [row.entry.thing for row in log.page(who="c")] == ["c"]
    assert [row.entry.who for row in log.page(thing=("account", "b"))] == ["b"]
