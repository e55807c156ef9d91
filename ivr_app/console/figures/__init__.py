"""Figures: how well callers were served, drawn, as a table, and as a file of the same."""

from __future__ import annotations

from flask import Response, abort, render_template, request
from werkzeug.wrappers import Response as Answer

from ivr_app.console import ConsolePage, current_line, needs, t
from ivr_app.console.figures.charts import draw_charts
from ivr_app.console.figures.query import FigureQuery, list_options, own_engineer, read_query
from ivr_app.console.figures.table import FigureTable, build_table, write_csv
from ivr_app.context import current_call_service, current_services
from routing.line import Line
from routing.oncall.local_time import wall
from service.figures import Grouping, build_report, narrow_period
from store.log.premium import in_use
from store.people.accounts import Role

page = ConsolePage("figures", __name__, Role.VIEWER, place=60)

BUNDLES = 20
"""Contracts whose bundle is drawn: those nearest its end."""

CALLS = 50_000
"""So many can be told apart by contract while somebody waits; they are in no sum."""


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The figures of a period, told apart by what was asked for."""
    looked_at = current_line()
    if looked_at is None:
        return render_template("figures/show.html", wish=None)
    wish = _query_from_request(looked_at)
    found = _build_table(looked_at, wish)
    day = wall(current_call_service().clock(), looked_at.timezone).date()
    bundles = [] if wish.own else in_use(current_services().engine, looked_at.id, day, BUNDLES)
    return render_template(
        "figures/show.html",
        wish=wish,
        sheet=found,
        charts=draw_charts(found, bundles, looked_at.figures) if found is not None else [],
        bundles=bundles,
        choices=list_options(wish, offers_own=own_engineer(looked_at) is not None),
        rules=looked_at.figures,
        most_calls=CALLS,
        wrong={name: t(key) for name, key in wish.mistakes.items()},
    )


@page.get("/csv")
@needs(Role.VIEWER)
def table() -> Answer:
    """The same table as a file."""
    looked_at = current_line()
    wish = _query_from_request(looked_at) if looked_at is not None else None
    found = _build_table(looked_at, wish) if looked_at is not None and wish is not None else None
    if found is None or wish is None:
        abort(400)
    answer = Response(write_csv(found), mimetype="text/csv")
    name = f"figures-{wish.by}-{found.period.first}-{found.period.last}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _query_from_request(looked_at: Line) -> FigureQuery:
    """What was asked for; figures of oneself only where the line has them."""
    wish = read_query(
        request.args, wall(current_call_service().clock(), looked_at.timezone).date(), looked_at
    )
    if wish.own and own_engineer(looked_at) is None:
        abort(403)
    return wish


def _build_table(looked_at: Line, wish: FigureQuery) -> FigureTable | None:
    if wish.period is None:
        return None
    engine, period = current_services().engine, wish.period
    if wish.reckoned_by is Grouping.CONTRACT:
        period = narrow_period(engine, looked_at, period, CALLS)
    taker = own_engineer(looked_at) if wish.own else None
    found = build_report(engine, looked_at, period, wish.reckoned_by, taker)
    return build_table(looked_at, found, wish, taker)
