"""Plans are read from the file, and what is wrong with one is told at its line and field."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from config.checks import find_warnings
from config.line import parse_line_file
from config.reader import FileError
from routing.contracts.plans import CoveredHours, Door, OfficeTime, list_default_plans
from tests.config.conftest import hashed

DOCUMENT = (Path(__file__).parents[2] / "docs" / "plans.example.yaml").read_text("utf-8")
HOUR = dt.timedelta(hours=1)


def plans_of(text):
    return parse_line_file(text, hashed).line.plans


def test_the_example_of_four_plans_is_as_good_as_it_looks():
    file = parse_line_file(DOCUMENT, hashed)
    assert find_warnings(file, dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)) == ()
    assert [plan.id for plan in file.line.plans] == ["enterprise", "business", "plus", "start"]


def test_a_plan_has_what_the_file_says_and_the_defaults_for_all_else():
    enterprise, _, plus, start = plans_of(DOCUMENT)
    assert (enterprise.rank, enterprise.premium_incidents, enterprise.named_contacts) == (
        1,
        None,
        10,
    )
    assert enterprise.level(1).respond_within == OfficeTime(HOUR / 2)
    assert enterprise.level(3).respond_within == OfficeTime(8 * HOUR, office=True)
    assert enterprise.level(3).hours is CoveredHours.OFFICE
    assert plus.covers(1, office_open=True)
    assert not plus.covers(1, office_open=False)
    assert (start.rank, start.premium_incidents, start.levels) == (4, 0, ())
    assert [start.allows(door) for door in Door] == [False, True, True]
    assert not start.allows_request("signature_request")


def test_level_1_is_covered_at_all_hours_unless_the_file_says_otherwise(example):
    text = f"{example}\nplans: [{{id: msa_plus, name: MSA Plus, levels: {{1: {{}}, 2: {{}}}}}}]"
    (plan,) = plans_of(text)
    assert plan.covers(1, office_open=False)
    assert not plan.covers(2, office_open=False)


def test_a_file_without_plans_has_todays_two(example):
    assert plans_of(example) == list_default_plans()
    roomy = example.replace("line:\n", "line:\n  named_contacts: 3\n", 1)
    assert plans_of(roomy) == list_default_plans(3)


def test_the_contacts_of_the_line_count_for_a_plan_that_names_no_number(example):
    text = DOCUMENT.replace("    named_contacts: 1\n", "").replace(
        "line:\n", "line:\n  named_contacts: 7\n", 1
    )
    assert [plan.named_contacts for plan in plans_of(text)] == [10, 5, 3, 7]


def test_a_name_may_differ_between_languages():
    text = DOCUMENT.replace("name: Start\n", "name: {nl: Begin, en: Start}\n")
    start = plans_of(text)[-1]
    assert (start.name("nl"), start.name("en"), start.name("fr")) == ("Begin", "Start", "Begin")


MISTAKES = [
    ("id: business", "id: enterprise", "plans[1].id", "used by an earlier one"),
    ("    name: Business\n", "", "plans[1].name", "is missing"),
    ("name: Business", "name: {pl: Biznes}", "plans[1].name.pl", "known: de, en, fr, nl"),
    ("name: Business", "name: {}", "plans[1].name", "a name for each language: nl, en"),
    ("premium_incidents: unlimited", "premium_incidents: many", "plans[0].premium_incidents",
     "must be a whole number from 0 to 100000, or unlimited"),
    ("named_contacts: 5", "named_contacts: 0", "plans[1].named_contacts", "from 1 to 1000"),
    ("1: {hours: office,", "1: {hours: night,", "plans[2].levels.1.hours", "always, office"),
    ("      3: {respond_within: 16 office hours}", "      5: {}", "plans[1].levels.5", "known: 1,"),
    ("respond_within: 30m", "respond_within: soon", "plans[0].levels.1.respond_within", "4 office"),
    ("30m, ring: [enterprise]", "30m, ring: [entreprise]", "plans[0].levels.1.ring[0]",
     "did you mean enterprise?"),
    ("doors: [portal, email]", "doors: [fax]", "plans[3].doors[0]", "one of phone, portal, email"),
    ("doors: [portal, email]", "doors: []", "plans[3].doors", "at least one"),
    ("doors: [portal, email]", "doors: [email, email]", "plans[3].doors", "one of them twice"),
    ("requests: [incident]", "requests: [signature_request]", "plans[3].requests",
     "must include incident"),
    ("    plan: enterprise", "    plan: msa_plus", "contracts[0].plan",
     "must be one of enterprise, business, plus, start"),
    ("urgency:\n", "routes: [{when: {plan: gold}, desk: {ring: [desk]}}]\nurgency:\n",
     "routes[0].when.plan", "must be one of enterprise, business, plus, start"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "field", "why"), MISTAKES, ids=[m[2] for m in MISTAKES])
def test_a_mistake_is_told_at_its_line_and_field(right, wrong, field, why):
    assert DOCUMENT.count(right) == 1, right
    with pytest.raises(FileError) as caught:
        parse_line_file(DOCUMENT.replace(right, wrong), hashed)
    (found,) = caught.value.findings
    assert found.field == field
    assert why in found.message


def test_a_plan_that_is_gone_counts_as_the_last_one():
    line = parse_line_file(DOCUMENT, hashed).line
    assert line.plan("business").id == "business"
    assert line.plan("gold").id == line.last_plan.id == "start"
    backwards = replace(line, plans=line.plans[::-1])
    assert backwards.plan("gold").id == "start"


def test_a_promise_that_counts_at_uncovered_hours_is_told():
    text = DOCUMENT.replace("office, respond_within: 4 office hours", "office, respond_within: 4h")
    file = parse_line_file(text, hashed)
    (found,) = find_warnings(file, dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC))
    assert found.field == "plans[2].levels.1.respond_within"
    assert found.message == (
        "counts at night too, when Plus does not include level 1; write office hours"
    )


def test_contacts_beyond_the_plan_are_told_with_its_name():
    more = '{name: Emma Jansen, phone: "+31612345679", pin: "264881"}'
    crowded = DOCUMENT.replace("plan: enterprise", "plan: start").replace(
        "language: nl}]", f"language: nl}}, {more}]"
    )
    (found,) = find_warnings(
        parse_line_file(crowded, hashed), dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    )
    assert (found.field, found.message) == (
        "contracts[0].contacts",
        "has 2 contacts; Start includes 1",
    )
