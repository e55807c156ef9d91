"""Figures: how well callers were served, as charts, as a table and as a CSV file."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from ivr_app.console import ConsolePage, current_line, needs
from ivr_app.console.figures.charts import Chart, draw_charts
from ivr_app.console.figures.table import (
    FigureQuery,
    FigureTable,
    build_table,
    find_own_taker,
    list_options,
    read_query,
    write_csv,
)
from ivr_app.context import current_call_service, current_services
from ivr_app.web import t
from routing.line import Line
from routing.oncall.local_time import wall
from service.figures import Grouping, build_report, narrow_period
from store.log.premium import BundleUse, find_used_bundles
from store.people.accounts import Role

page = ConsolePage("figures", __name__, Role.VIEWER, place=60)

BUNDLES = 20
"""The most contracts in the chart of bundles: those nearest to the end of theirs."""

CALLS = 50_000
"""The most calls that a page groups by contract, because no rollup has the contracts."""


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The figures of a period as charts and as a table."""
    line = current_line()
    if line is None:
        return render_template("figures/show.html", query=None)
    query = _read_request(line)
    found, charts = _build_table(line, query), list[Chart]()
    if found is not None:
        charts = draw_charts(found, _list_bundles(line, query), line.figures)
    return render_template(
        "figures/show.html",
        query=query,
        table=found,
        charts=charts,
        choices=list_options(query, offers_own=find_own_taker(line) is not None),
        rules=line.figures,
        most_calls=CALLS,
        mistakes={name: t(key) for name, key in query.mistakes.items()},
    )


@page.get("/csv")
@needs(Role.VIEWER)
def table() -> Response:
    """The table as a CSV file."""
    line = current_line()
    if line is None:
        abort(400)
    query = _read_request(line)
    found = _build_table(line, query) or abort(400)
    response = Response(write_csv(found), mimetype="text/csv")
    name = f"figures-{query.by}-{found.period.first}-{found.period.last}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _list_bundles(line: Line, query: FigureQuery) -> Sequence[BundleUse]:
    """Return the bundles of the chart; the figures of one engineer have none."""
    if query.own:
        return ()
    day = wall(current_call_service().clock(), line.timezone).date()
    return find_used_bundles(current_services().engine, line, day, BUNDLES)


def _read_request(line: Line) -> FigureQuery:
    """Return the query of the request; 403 for own figures that the viewer does not have."""
    today = wall(current_call_service().clock(), line.timezone).date()
    query = read_query(request.args, today, line)
    if query.own and find_own_taker(line) is None:
        abort(403)
    return query


def _build_table(line: Line, query: FigureQuery) -> FigureTable | None:
    engine, period, taker = current_services().engine, query.period, None
    if period is None:
        return None
    if query.grouping in (Grouping.CONTRACT, Grouping.PLAN):
        period = narrow_period(engine, line, period, CALLS)
    if query.own:
        taker = find_own_taker(line)
    report = build_report(engine, line, period, query.grouping, taker)
    return build_table(line, report, query, taker)
