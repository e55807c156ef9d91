"""Calls: found by whatever is known of them, and each with its timeline drawn."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Engine
from werkzeug.wrappers import Response as Answer

from ivr_app.console import (
    BYTE_ORDER_MARK,
    ConsolePage,
    all_lines,
    audit_entry,
    csv_cell,
    current_line,
    needs,
    t,
    zone,
)
from ivr_app.console.calls.timeline import find_call_detail
from ivr_app.context import current_call_service, current_services
from routing.call import CallOutcome
from routing.line import LAST_RESORT, Line
from routing.names import tidy
from routing.phone_numbers import written_forms
from store.db.engine import writing
from store.log.call_search import CallFilter, CallPage, Numbered, every, search
from store.log.pages import Place
from store.log.rows import Row, call_row
from store.people.accounts import Role
from store.people.audit import record
from store.people.contract_search import contracts_of

# What a search asks for: the fields of its form, read into what the log is asked.


FIELDS = ("number", "company", "engineer", "level", "outcome", "verified", "since", "until")
COMPANIES = 10
"""Contracts that one search follows; whoever means others writes more of the name."""

A_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CallSearch:
    """A search as it was filled in. ``asked`` is None where a field cannot be understood, and
    ``mistakes`` says which; ``companies`` are the names found, by contract number."""

    filled: Mapping[str, str]
    asked: CallFilter | None
    companies: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)

    @property
    def cut(self) -> bool:
        """True when more contracts may have the name than one search follows."""
        return len(self.companies) == COMPANIES


def read_search(engine: Engine, line: Line, zone: ZoneInfo, given: Mapping[str, Any]) -> CallSearch:
    """The search that was filled in; times are those of the viewer's clock."""
    filled = {name: text for name in FIELDS if (text := tidy(str(given.get(name, ""))))}
    wrong = {name for name, check in _CHECKS.items() if name in filled and not check(filled[name])}
    wrong |= {"engineer"} if filled.get("engineer") not in {None, *engineer_names(line)} else set()
    if wrong:
        return CallSearch(filled, None, mistakes=dict.fromkeys(wrong, "console.mistake.wrong"))
    company = filled.get("company")
    companies = contracts_of(engine, line.id, company, COMPANIES) if company else {}
    asked = CallFilter(
        line.id,
        shown=written_forms(filled["number"], line.country) if "number" in filled else (),
        contracts=tuple(companies) if company else None,
        taker=filled.get("engineer"),
        level=int(filled["level"]) if "level" in filled else None,
        outcome=CallOutcome(filled["outcome"]) if "outcome" in filled else None,
        verified=filled["verified"] == "yes" if "verified" in filled else None,
        since=_parse_moment(filled.get("since"), zone),
        until=_parse_moment(filled.get("until"), zone, A_MINUTE),
    )
    return CallSearch(filled, asked, companies)


def engineer_names(line: Line) -> dict[str, str]:
    """Whoever can take a call, by id; the last resort has no name of its own."""
    return {one.id: one.name for one in line.engineers} | {LAST_RESORT: ""}


def format_cursor(place: Place) -> str:
    """A place among the calls, as an address carries it."""
    return f"{place[0].isoformat()}_{place[1]}"


def parse_cursor(text: str | None) -> Place | None:
    """The place that an address carries; one that nobody has written is none."""
    at, _, call = (text or "").partition("_")
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, call) if moment.tzinfo is not None and call else None


def _parse_moment(
    text: str | None, zone: ZoneInfo, after: dt.timedelta = dt.timedelta(0)
) -> dt.datetime | None:
    """A minute of the viewer's clock; a search until 10:00 includes what began in that minute."""
    if text is None:
        return None
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(dt.UTC) + after


def _is_minute(text: str) -> bool:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return found.tzinfo is None and 1970 < found.year < 9999


_CHECKS = {
    "level": lambda text: text in {"1", "2", "3", "4"},
    "outcome": lambda text: text in set(CallOutcome),
    "verified": lambda text: text in {"yes", "no"},
    "since": _is_minute,
    "until": _is_minute,
}


page = ConsolePage("calls", __name__, Role.VIEWER, place=30)

EXPORT = Lock()
"""One export at a time in each process: it may take minutes, and the same threads answer calls."""


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The calls that fit what is asked for, newest first."""
    looked_at = current_line()
    wanted = _search_from_request(looked_at) if looked_at is not None else None
    found = CallPage(())
    if wanted is not None and wanted.asked is not None:
        found = search(
            current_services().engine, wanted.asked, parse_cursor(request.args.get("before"))
        )
    names = engineer_names(looked_at) if looked_at is not None else {}
    return render_template(
        "calls/show.html",
        wanted=wanted,
        mistakes={name: t(key) for name, key in wanted.mistakes.items()} if wanted else {},
        found=found,
        names=names,
        choices=list_options(names),
        onward=_next_page_address(wanted, found),
        kinds=list(KINDS),
    )


@page.get("/<sid>")
@needs(Role.VIEWER)
def one(sid: str) -> str:
    """One call: what is known of it, its timeline drawn, and why the line did what it did."""
    file = find_call_detail(
        current_services(),
        {one.id: one for one in all_lines()},
        sid,
        current_call_service().clock(),
    )
    if file is None:
        abort(404)
    names = engineer_names(file.line) if file.line is not None else {}
    return render_template("calls/one.html", file=file, names=names)


@page.post("/export")
@needs(Role.MANAGER)
def export() -> Answer:
    """All calls that fit, as a file that is written while it is sent; the audit log has it."""
    looked_at, kind = current_line(), request.form.get("kind", "")
    wanted = _search_from_request(looked_at) if looked_at is not None else None
    if wanted is None or wanted.asked is None or kind not in KINDS:
        abort(400)
    if not EXPORT.acquire(blocking=False):
        flash(t("calls.export_under_way"), "bad")
        return redirect(url_for("calls.show"))
    told = {"as": kind, "asked": ", ".join(sorted(wanted.filled)) or None}
    try:
        answer = _send_file(kind, wanted.asked, told)
    except BaseException:
        EXPORT.release()
        raise
    answer.call_on_close(
        EXPORT.release
    )  # the last that can fail: from here on the server closes it
    return answer


def _send_file(kind: str, asked: CallFilter, told: dict[str, str | None]) -> Response:
    with writing(current_services().engine) as connection:
        record(connection, audit_entry("calls.export").on("line", asked.line, None, told))
    answer = Response(
        write_pieces(kind, every(current_services().engine, asked)), mimetype=KINDS[kind]
    )
    name = f"calls-{current_call_service().clock().astimezone(zone()):%Y%m%d-%H%M}.{kind}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _search_from_request(looked_at: Line) -> CallSearch:
    return read_search(current_services().engine, looked_at, zone(), request.values)


def _next_page_address(wanted: CallSearch | None, found: CallPage) -> str | None:
    if wanted is None or found.older is None:
        return None
    asked: dict[str, Any] = {**wanted.filled, "before": format_cursor(found.older)}
    return url_for("calls.show", **asked)


# Calls as a file: a table for a spreadsheet, or a line of JSON each.


KINDS = {"csv": "text/csv", "jsonl": "application/jsonl"}
"""What a file may be, by the ending of its name."""


def write_pieces(kind: str, calls: Iterable[Numbered]) -> Iterator[str]:
    """The file piece by piece, each of some calls."""
    rows = (call_row(call, number) for call, number in calls)
    return _WRITERS[kind](rows)


def _write_csv(rows: Iterator[Row]) -> Iterator[str]:
    page = io.StringIO()
    writer = csv.writer(page)
    page.write(BYTE_ORDER_MARK)
    first = True
    for row in rows:
        if first:
            writer.writerow(row)
            first = False
        writer.writerow(csv_cell(value) for value in row.values())
        yield _count_calls(page)
    yield _count_calls(page)


def _write_jsonl(rows: Iterator[Row]) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _count_calls(page: io.StringIO) -> str:
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text


_WRITERS: dict[str, Callable[[Iterator[Row]], Iterator[str]]] = {
    "csv": _write_csv,
    "jsonl": _write_jsonl,
}


# What the fields of the search offer: each value with its words, the first being no wish.


Options = list[tuple[str, str]]


def list_options(names: Mapping[str, str]) -> dict[str, Options]:
    """Those of each field; ``names`` are the people who can take a call."""
    people = [(one, name or t("calls.last_resort")) for one, name in names.items()]
    offered = {
        "engineer": people,
        "level": [(str(level), t("console.level", level=level)) for level in range(1, 5)],
        "outcome": [(one.value, t(f"calls.outcome.{one.value}")) for one in CallOutcome],
        "verified": [("yes", t("calls.verified")), ("no", t("calls.unverified"))],
    }
    return {name: [("", t("calls.any")), *options] for name, options in offered.items()}
