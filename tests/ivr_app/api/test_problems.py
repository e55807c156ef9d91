"""Each problem has an address, and the page at that address explains it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from ivr_app.api.problems import ANCHORS, DOCUMENTATION, EXPLAINED
from tests.ivr_app.api.conftest import Program

HOUSE = Path(__file__).parents[3]
PAGE = (HOUSE / "docs" / "integrate" / "problems.md").read_text("utf-8")
EXPLANATIONS = set(re.findall(r"^### (\S+)$", PAGE, re.MULTILINE))
FAMILIES = {"action-refused", "shift-refused", "report-refused"}


def find_codes() -> set[str]:
    """The codes that the modules of the API name: the argument after the sentence."""
    found = set()
    for file in (HOUSE / "ivr_app" / "api").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"conflict": 1, "ProblemError": 2}.get(node.func.id, 99)
                found |= {
                    each.value
                    for each in node.args[place : place + 1]
                    if isinstance(each, ast.Constant)
                }
    return found


def test_the_page_explains_each_problem_and_no_other() -> None:
    codes = find_codes()
    assert {"no_plan", "clash", "changed", "under_way", "contract_exists", "is_swap"} <= codes
    assert codes | set(ANCHORS.values()) | FAMILIES | {"other"} == EXPLANATIONS


def test_the_address_is_that_of_the_site() -> None:
    site = (HOUSE / "mkdocs.yml").read_text("utf-8")
    assert f"site_url: {DOCUMENTATION}" in site


def test_a_problem_leads_to_its_explanation(changer: Program, reader: Program) -> None:
    swap = {"schedule": "primary", "give": "joris", "take": "sanne"}
    swap |= {"from": "2026-12-24T18:00:00Z", "to": "2026-12-25T18:00:00Z"}
    for answer, anchor in (
        (reader.post("/swaps", swap), "forbidden"),
        (changer.post("/swaps", swap), "shift-refused"),
        (changer.get("/calls", limit=0), "bad-request"),
        (changer.get("/incidents/7"), "not-found"),
        (changer.post("/contracts/100234", {"plan": "standard"}), "of_the_file"),
        (changer.post("/contracts", {}), "invalid"),
    ):
        assert answer.json is not None
        assert answer.json["type"] == f"{EXPLAINED}{anchor}"
        assert anchor in EXPLANATIONS
