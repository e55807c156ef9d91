"""Start, Plus, Business and Enterprise, sold by a file: who is rung, when, and what counts."""

import datetime as dt
from pathlib import Path

import pytest

from config.line import parse_line_file
from service.dry_run import CallerRole, DryRun
from service.premium import list_contract_years
from store.log.reports import Reports
from tests.stories.stage import JOINING, JORIS, SANNE
from tests.words import words_of

DOCUMENT = (Path(__file__).parents[2] / "docs" / "plans.example.yaml").read_text("utf-8")
OFFICE = '{days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}'
MILAN = "+31612345603"
HOUR = dt.timedelta(hours=1)
PLANS = ("enterprise", "business", "plus", "start")
NUMBERS = {plan: f"30000{n}" for n, plan in enumerate(PLANS)}
PHONES = {plan: f"+316200000{n:02}" for n, plan in enumerate(PLANS)}
PINS = {plan: f"7301{n:02}" for n, plan in enumerate(PLANS)}


def contract(plan):
    return f"""  - contract: "{NUMBERS[plan]}"
    customer: Bedrijf {plan}
    plan: {plan}
    valid: {{from: 2026-01-01}}
    contacts: [{{name: Klant {plan}, phone: "{PHONES[plan]}", pin: "{PINS[plan]}", language: nl}}]
"""


@pytest.fixture
def paper(request):
    """The example of the documentation, with a customer of each plan; open all day but at night."""
    text = DOCUMENT[: DOCUMENT.index("contracts:")].replace('  texts_from: "+3197010200000"\n', "")
    if "night" not in request.node.name:
        text = text.replace(OFFICE, "{}").replace("  holidays: NL\n", "")
    return text + "contracts:\n" + "".join(map(contract, PLANS))


def calls(stage, plan, *keys):
    caller = stage.dial(PHONES[plan])
    stage.press(caller, f"{PINS[plan]}#")
    stage.something_new(caller)
    for key in keys:
        stage.press(caller, key)
    stage.advance(1)
    return caller


def incidents(stage):
    """The incidents of the log by the plan of their customer."""
    rows = Reports(stage.services.engine).incidents()
    return {plan: row for row in rows for plan in PLANS if row["contract"] == NUMBERS[plan]}


def bundle(stage, plan):
    """The premium incidents of this plan's customer: how many were sold, and how many are used."""
    line = stage.services.lines.find_line("main")
    contract_ = stage.services.lines.find_contract("main", NUMBERS[plan])
    _, year = list_contract_years(stage.services, line, contract_, stage.now())
    return year.bundle.sold, year.bundle.used


def rung(stage):
    return [phone for phone in (SANNE, JORIS, MILAN) if stage.office.phone(phone).ringing()]


@pytest.mark.parametrize(
    ("plan", "promised", "sold"),
    [
        ("enterprise", HOUR / 2, (None, 1)),
        ("business", 2 * HOUR, (12, 1)),
        ("plus", 4 * HOUR, (4, 1)),
        ("start", 4 * HOUR, (0, 0)),
    ],
)
def test_at_level_1_each_plan_has_its_people_its_clock_and_its_counter(stage, plan, promised, sold):
    caller = calls(stage, plan, "1", "1")
    stage.advance(8)
    (phone,) = rung(stage)
    assert (phone == MILAN) is (plan == "enterprise")
    engineer = stage.answer(phone)
    stage.advance(8)
    stage.press(engineer, stage.leg(engineer).take_key)
    stage.advance(JOINING)
    row = incidents(stage)[plan]
    opened, due = (dt.datetime.fromisoformat(row[name]) for name in ("opened_at", "respond_by"))
    assert dt.timedelta(0) <= opened + promised - due < dt.timedelta(minutes=1)
    assert bundle(stage, plan) == sold
    assert row["premium"] is (plan != "start")
    without_phone = words_of("plan_without_phone_portal_email", plan="Start")
    assert (without_phone in caller.hears) is (plan == "start")
    assert (words_of("whisper_no_telephone") in engineer.hears) is (plan == "start")


def test_whoever_calls_first_the_desk_serves_enterprise_then_business_then_plus(stage):
    talking = [calls(stage, "business", "3") for _ in range(2)]
    engineers = [stage.take(phone) for phone in rung(stage)]
    waiting = {plan: calls(stage, plan, "3") for plan in ("plus", "business", "enterprise")}
    served = []
    for caller, engineer in zip(talking, engineers, strict=True):
        stage.hang_up(caller)
        stage.hang_up(engineer)
        stage.advance(1)
        (phone,) = rung(stage)
        taken = stage.take(phone)
        served += [plan for plan, one in waiting.items() if one.bridged_with == taken.sid]
    assert served == ["enterprise", "business"]
    start = calls(stage, "start", "3")
    stage.advance(12)
    assert "boodschap" in " ".join(start.hears)
    assert [incidents(stage)[plan]["state"] for plan in ("plus", "start")] == ["open", "open"]


def test_at_night_plus_hears_its_hours_and_enterprise_has_its_desk(stage):
    plus = calls(stage, "plus", "1")
    stage.advance(4)
    assert words_of("plan_hours", plan="Plus") in " ".join(plus.hears)
    stage.hang_up(plus)
    calls(stage, "enterprise", "2")
    stage.advance(1)
    assert MILAN in rung(stage)
    assert not incidents(stage)["plus"]["premium"]
    business = calls(stage, "business", "2")
    stage.advance(12)
    assert words_of("later_at") in " ".join(business.hears)


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ("enterprise", "level 1, entitled, plan Enterprise, which includes level 1 at all hours"),
        ("plus", "level 1, standard, plan Plus, which includes level 1 in office hours only"),
        ("start", "level 1, standard, plan Start, which does not include the telephone"),
    ],
)
def test_a_dry_run_at_night_names_the_plan_and_its_reason(paper, plan, why):
    file = parse_line_file(paper, lambda pin, owner: "hash")
    (found,) = [one for one in file.contracts if one.plan == plan]
    at = dt.datetime(2026, 11, 23, 4, 42, tzinfo=dt.UTC)
    steps = DryRun(file.line, CallerRole.of(found, 1, at, file.line), at).play()
    assert why in [step["reason"] for step in steps]
