"""Figures: each as it is counted on the fingers, leading to its calls, and saved as it is shown."""

import csv
import datetime as dt
import io
import re

import pytest

from ivr_app.console import figures
from ivr_app.web.i18n import load_catalogue
from service.figures import COLUMNS
from store.log.service_levels import SETTLED, update_rollups
from store.people.lines import SqlLineRepository
from tests.ivr_app.console.dashboard.test_dashboard import words

ENGLISH, DUTCH = {"Accept-Language": "en"}, {"Accept-Language": "nl"}


def table(page):
    """The table as it is shown: each row as its name and the numbers behind its words."""
    shown = re.search(r'<table class="rows figs">.*?</table>', page.text, re.DOTALL)[0]
    body = shown[shown.index("<tbody>") :]
    rows = []
    for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
        name = re.sub(r"<[^>]+>", "", re.search(r"<th.*?</th>", row, re.DOTALL)[0]).strip()
        rows.append([name, *re.findall(r'<data value="([^"]*)">', row)])
    return rows


def test_each_month_has_its_own_figures_and_an_empty_one_has_none(signed_in, log):
    page = signed_in("viewer").get("/figures", headers=ENGLISH)
    rows = {name: numbers for name, *numbers in table(page)}
    assert len(rows) == 13
    assert rows["Mar 2026"] == ["2", "2", "40", "51", "51", "100.0", "100.0", "0", "2", "0", "2"]
    assert rows["Feb 2026"] == ["2", "1", "200", "200", "200", "0.0", "50.0", "1", "1", "1", "1"]
    assert rows["Jan 2026"] == ["3", "1", "60", "60", "60", "100.0", "66.7", "2", "0", "0", "0"]
    assert rows["Dec 2025"] == ["0", "0", "", "", "", "", "", "0", "0", "0", "0"]
    assert rows["Total"] == [
        "7",
        "4",
        "51",
        "200",
        "200",
        "75.0",
        "71.4",
        "3",
        "3",
        "1",
        "3",
    ]
    assert "Dec 2025 no calls 0 – – – – – 0" in words(page)


def test_an_empty_month_is_drawn_as_nothing_at_all(signed_in, log):
    page = signed_in("viewer").get("/figures", headers=ENGLISH).text
    for name, with_marks in (("waits", 3), ("level", 3), ("abandoned", 3)):
        chart = re.search(rf'aria-labelledby="{name}-title.*?</svg>', page, re.DOTALL)[0]
        strips = re.findall(r"<g>(.*?)</g>", chart, re.DOTALL)
        empty = [strip for strip in strips if "no calls</title>" in strip]
        assert (len(strips), len(empty)) == (12, 12 - with_marks), name
        assert not [strip for strip in empty if re.search("<rect|<circle|<path|<line", strip)]


def test_plans_have_their_names_in_the_order_of_their_ranks(signed_in, log):
    viewer = signed_in("viewer")
    plans = table(viewer.get("/figures?by=plan", headers=ENGLISH))
    names = ["MSA Plus", "Standard", "Not identified", "Total"]
    assert [row[0] for row in plans] == names
    assert [row[1] for row in plans] == ["6", "0", "1", "7"]
    assert '<th scope="row">Standaard' in viewer.get("/figures?by=plan").text


def test_levels_and_contracts_are_told_apart(signed_in, log):
    viewer = signed_in("viewer")
    levels = table(viewer.get("/figures?by=level", headers=ENGLISH))
    names = ["Level 1", "Level 2", "Level 3", "Level 4", "No level chosen", "Total"]
    assert [row[0] for row in levels] == names
    assert [row[1] for row in levels] == ["3", "3", "0", "0", "1", "7"]
    contracts = table(viewer.get("/figures?by=contract", headers=ENGLISH))
    assert [row[:3] for row in contracts] == [
        ["Bakkerij Jansen BV (100234)", "6", "4"],
        ["Total", "7", "4"],
    ]
    range_ = "/figures?period=range&since=2026-02-28&until=2026-03-01&by=level"
    assert table(viewer.get(range_))[-1][1] == "4"
    month = viewer.get("/figures?period=month")
    assert [row[1] for row in table(month)] == ["2", "2"]


def test_the_rows_stand_in_the_order_asked_for_and_those_without_a_figure_last(signed_in, log):
    viewer = signed_in("viewer")
    down = [row[0] for row in table(viewer.get("/figures?sort=-p90", headers=ENGLISH))]
    up = [row[0] for row in table(viewer.get("/figures?sort=p90", headers=ENGLISH))]
    assert down[:4] == ["Feb 2026", "Jan 2026", "Mar 2026", "Apr 2025"]
    assert up[:4] == ["Mar 2026", "Jan 2026", "Feb 2026", "Apr 2025"]
    assert (up[-1], down[-1]) == ("Total", "Total")
    page = viewer.get("/figures?sort=-p90").text
    assert page.count('aria-sort="descending"') == 1
    assert "sort=p90" in re.search(r'aria-sort="descending">.*?</th>', page, re.DOTALL)[0]


def test_a_number_leads_to_the_calls_that_it_counts(signed_in, log):
    viewer = signed_in("viewer")
    for asked in ("by=month", "by=level", "by=contract"):
        page = viewer.get(f"/figures?{asked}").text
        links = re.findall(r'href="/console(/calls/\?[^"]+)"><data value="(\d+)"', page)
        assert len(links) > 4
        for address, count in links:
            found = viewer.get(address.replace("&amp;", "&")).text
            assert len(set(re.findall(r"/console/calls/(CA\d+)", found))) == int(count), address


@pytest.mark.parametrize("asked", ["", "?by=level&period=month", "?by=contract&sort=-calls"])
@pytest.mark.parametrize("language", [DUTCH, ENGLISH])
def test_the_file_holds_exactly_what_is_shown(signed_in, log, asked, language):
    viewer = signed_in("viewer")
    page = viewer.get(f"/figures{asked}", headers=language)
    address = re.search(r'href="/console(/figures/csv[^"]*)"', page.text)[1].replace("&amp;", "&")
    saved = viewer.get(address, headers=language)
    assert saved.mimetype == "text/csv"
    assert "figures-" in saved.headers["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(saved.text.removeprefix("\ufeff")))
    assert rows == table(page)
    headings = re.findall(r'<th scope="col".*?<a [^>]*>([^<]*)</a>', page.text, re.DOTALL)
    assert head == headings


def test_each_figure_is_explained_one_click_away(signed_in, log):
    page = signed_in("viewer").get("/figures", headers=ENGLISH).text
    for column in COLUMNS:
        assert f'href="#means-{column.name}"' in page
        assert f'id="means-{column.name}"' in page
        assert f"figures.head.{column.name}" in load_catalogue()
    assert "accepted within 1 min 30 s. The goal is 80%." in page


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("since=2026-03-01", "Enter a date"),
        ("since=yesterday&until=2026-03-01", "Enter a date"),
        ("since=2026-03-02&until=2026-03-01", "The end date is before the start date."),
        ("since=2006-03-02&until=2026-03-01", "Choose at most ten years."),
    ],
)
def test_days_that_cannot_be_understood_are_named_and_saved_as_no_file(signed_in, days, said):
    viewer = signed_in("viewer")
    page = viewer.get(f"/figures?period=range&{days}", headers=ENGLISH)
    assert said in words(page)
    assert "<svg" not in page.text.split("</form>")[-1]
    assert viewer.get(f"/figures/csv?period=range&{days}").status_code == 400


def test_what_premium_incidents_a_contract_used_is_drawn_against_its_bundle(signed_in, log):
    page = signed_in("viewer").get("/figures", headers=ENGLISH).text
    chart = re.search(r'aria-labelledby="premium-title.*?</svg>', page, re.DOTALL)[0]
    assert "Bakkerij Jansen BV: 3 of 12" in chart
    assert 'class="sold"' in chart


def test_a_line_on_which_nobody_ever_called_has_figures_of_nothing(signed_in):
    page = signed_in("viewer").get("/figures", headers=ENGLISH)
    assert page.status_code == 200
    assert table(page)[-1][:3] == ["Total", "0", "0"]
    assert "no calls" in words(page)


def test_of_more_calls_than_can_be_told_apart_by_contract_the_last_days_are_told(
    signed_in, board, log, clock, monkeypatch
):
    line = SqlLineRepository(board.engine).find_line("main")
    for ahead in (dt.timedelta(), SETTLED):
        update_rollups(board.engine, line, clock.now + ahead)
    monkeypatch.setattr(figures, "CALLS", 4)
    viewer = signed_in("viewer")
    page = viewer.get("/figures?by=contract", headers=ENGLISH)
    assert "with at most 4 calls" in words(page)
    assert table(page)[-1][:2] == ["Total", "4"]
    shorter = "/figures?by=contract&period=range&since=2026-02-20&until=2026-03-02"
    assert "at most" not in words(viewer.get(shorter, headers=ENGLISH))
    assert table(viewer.get("/figures", headers=ENGLISH))[-1][1] == "7"
