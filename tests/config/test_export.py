"""A file that is written back is read as the same line: for every field, and for many made-up
lines."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from config.contracts import ContractRow, read_rows
from config.export import dump_yaml, write_contracts_csv, write_line_file
from config.line import LineFile, parse_line_file
from config.reader import FileError
from routing.contracts import Contact, Contract
from routing.line import IncidentHappening, Retention

DOCS = Path(__file__).parents[2] / "docs"
LINES = int(os.environ.get("EXPORTED_LINES", "60"))


def hashed(pin: str, owner: str) -> str:
    return "hash-of-" + pin[::-1] + owner.replace("\n", "-")


def again(read: LineFile) -> LineFile:
    """What is read of the file that was written; as YAML and as JSON it is the same."""
    document = write_line_file(read.line, read.contracts)
    found = parse_line_file(dump_yaml(document), hashed)
    as_json = parse_line_file(json.dumps(document, ensure_ascii=False), hashed)
    assert (found.line, found.contracts) == (as_json.line, as_json.contracts)
    return found


@pytest.mark.parametrize("name", ["line.example.yaml", "plans.example.yaml"])
def test_an_example_with_every_field_is_written_back(name: str) -> None:
    read = parse_line_file((DOCS / name).read_text("utf-8"), hashed)
    found = again(read)
    assert (found.line, found.contracts) == (read.line, read.contracts)


# Made-up files: texts as people write them, which the reader reads in one way only.

ENGINEERS = ("sanne", "joris", "milan")
SCHEDULES = ("primary", "desk", "0123")
NUMBERS = ("+31612345601", "+31 6 12345602", "+32470123456", "+44 7400 123456")
TEXTS = ("true", "012", "1:30", "null", "~", "'", '"', "# x", "a: b", "- a", "é", "e\u0301", "x  y")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

visible = st.characters(exclude_categories=("C", "Z"))
name = st.sampled_from(TEXTS) | st.text(visible, min_size=1, max_size=30).map("n".__add__)
length = st.sampled_from(["30s", "90s", "5m", "2 hours", "1d", "1 week", "3661s"])
rate = st.sampled_from(["3/h", "10/2h", "1/90s", "0/d", "5/30m"])
clock = st.times().map(lambda at: f"{at:%H:%M}")
hours = st.tuples(clock, clock).map("-".join)
date = st.dates().map(str)
moment = st.tuples(
    st.dates(dt.date(2027, 1, 1), dt.date(2990, 1, 1)).map(str),
    st.sampled_from(["T09:00", " 23:59:59", "T02:30"]),
    st.sampled_from(["", "Z", "+02:00", "-03:30"]),
).map("".join)
promise = length | st.integers(1, 40).map("{} office hours".format)
yes_no = st.sampled_from(["true", "false"])
mail = st.sampled_from(["sanne@example.org", "joris@example.org"])
language = st.sampled_from(["nl", "en", "de", "fr"])
names = name | st.dictionaries(language, name, min_size=1)
channel = st.sampled_from(["sms", "email"])


def some(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=1, max_size=most)


def few(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


def fields(needed: dict[str, Any], **others: Any) -> st.SearchStrategy[dict[str, Any]]:
    """The fields that are needed, and some of the others. ``for_`` is ``for``."""
    named = {key.removesuffix("_"): value for key, value in others.items()}
    return st.fixed_dictionaries(needed, optional=named)


weekly = fields({}, days=few(*DAYS), hours=hours)
people = few(*ENGINEERS)
span = {"from": st.just("2026-11-24T18:00"), "to": moment}
step = fields({"ring": few(*ENGINEERS, *SCHEDULES)}, for_=length)
escalation = fields({"steps": some(step)}, repeat=st.integers(1, 100))
turn = st.sampled_from(ENGINEERS) | people
rotation = st.fixed_dictionaries(
    {
        "every": st.sampled_from(["1 week", "2 days", "hour", "3 months"]),
        "from": moment,
        "people": some(turn),
    }
)
shift = fields({"people": people}, when=st.just("office"), days=few(*DAYS), hours=hours) | fields(
    {"rotation": rotation}, when=st.just("outside_office"), hours=hours
)
level = fields({}, hours=st.sampled_from(["always", "office"]), respond_within=promise, ring=people)
plan = fields(
    {"name": names},
    rank=st.integers(1, 998),
    premium_incidents=st.just("unlimited") | st.integers(0, 99),
    named_contacts=st.integers(1, 9),
    levels=st.dictionaries(st.sampled_from("1234"), level),
    doors=few("phone", "portal", "email"),
    requests=st.just(["incident"]),
)
contact = fields(
    {"phones": some(st.sampled_from(NUMBERS))},
    language=language,
    email=mail,
    hears_of_releases=yes_no,
    admin=yes_no,
)


def numbered(of: st.SearchStrategy[dict[str, Any]], key: str, *ids: str) -> Any:
    """A list of these, each with another id."""
    return st.lists(of, max_size=len(ids)).map(
        lambda found: [{key: id_} | one for id_, one in zip(ids, found, strict=False)]
    )


def with_pins(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one | {"pin": f"48291{place}"} for place, one in enumerate(found)]


contract = fields(
    {"customer": name, "plan": st.sampled_from(["msa_plus", "standard"])},
    valid=fields(
        {}, from_=st.dates(max_value=dt.date(2026, 1, 1)).map(str), until=st.just("2027-12-31")
    ),
    premium_incidents=st.integers(0, 99),
    openid=name,
    email_level_1=st.sampled_from(["page", "answer"]),
    contacts=numbered(contact, "name", "Pieter Jansen", "Emma Jansen").map(with_pins),
)
heading = fields(
    {
        "name": names,
        "number": st.just("+31201234567"),
        "timezone": st.sampled_from(["Europe/Amsterdam", "America/New_York"]),
        "languages": few("nl", "en", "de", "fr"),
        "office_hours": weekly | some(weekly),
        "last_resort": st.just("+31 20 7654321") | st.just(["+31207654321", "+31612345609"]),
    },
    id=st.sampled_from(["main", "second"]),
    texts_from=st.sampled_from(["+31201234567", "+3197010200000", "MSA Plus"]),
    country=st.sampled_from(["NL", "BE"]),
    dial_countries=few("NL", "BE"),
    holidays=st.just("NL") | fields({}, country=st.just("BE"), add=some(date), remove=some(date)),
    labour_rules=st.just("NL"),
    named_contacts=st.integers(1, 5),
)
engineer = fields(
    {"name": name, "phones": some(st.sampled_from(NUMBERS))},
    email=mail,
    languages=some(language),
    contact=st.lists(fields({"by": channel}, after=length | st.just("0s")), min_size=1, max_size=1),
    quiet=hours | some(fields({"days": few("mon", "tue")}, hours=hours), 2),
)
schedule = fields(
    {},
    timezone=st.sampled_from(["Europe/Amsterdam", "Asia/Tokyo"]),
    shifts=some(shift),
    overrides=some(fields(span | {"add": st.just("sanne")}, remove=st.just("joris"))),
    instead=some(st.fixed_dictionaries(span | {"people": st.just([]) | people})),
)
route = st.fixed_dictionaries(
    {
        "when": fields(
            {},
            language=few("nl", "fr"),
            plan=few("msa_plus", "standard"),
            contracts=few("100234", "012"),
            urgency=few("1", "2"),
            kind=few("incident", "signature_request"),
        ),
        "desk": step,
    }
)
document = fields(
    {
        "line": heading,
        "engineers": st.lists(engineer, min_size=3, max_size=3).map(
            lambda found: [{"id": id_} | one for id_, one in zip(ENGINEERS, found, strict=True)]
        ),
        "schedules": st.lists(schedule, min_size=3, max_size=3).map(
            lambda found: [{"id": id_} | one for id_, one in zip(SCHEDULES, found, strict=True)]
        ),
        "escalation": escalation,
    },
    duty_manager=fields({"email": mail}, phone=st.just("+31612345604"), language=language),
    paging=fields(
        {},
        channels=few("sms", "email") | st.just([]),
        again_after=length,
        reach_within=length,
        daily_cap=st.integers(1, 1000),
    ),
    desk=step,
    signature_desk=fields({"ring": people}, for_=length, samples_to=mail),
    routes=some(route),
    urgency=st.dictionaries(
        st.sampled_from("1234"), st.fixed_dictionaries({"respond_within": promise})
    ),
    plans=st.tuples(plan, plan).map(
        lambda two: [{"id": "msa_plus"} | two[0], {"id": "standard"} | two[1]]
    ),
    pin=fields(
        {},
        attempts=st.integers(1, 10),
        alarm=fields({}, per_contract=rate, line=rate),
        ask=st.just("while_ringing"),
    ),
    unverified_level_1=st.sampled_from(["ring", "message"]),
    unverified=fields({}, per_caller=rate, line=rate),
    message=fields({}, silence=st.sampled_from(["1s", "5s", "20s"])),
    matter=yes_no,
    whisper=st.sampled_from(["full", "brief"]),
    handover=fields({}, tell=yes_no, confirm_within=length),
    drill=fields({"at": clock}, days=few(*DAYS)),
    keep=fields({}, **dict.fromkeys(Retention.__dataclass_fields__, st.just("2 years"))),
    figures=fields({}, answer_within=length, goal=st.just("75%"), per_person=yes_no),
    webhooks=numbered(
        fields(
            {"url": st.just("https://tickets.example.org/x"), "secret": st.just("WEBHOOK_X")},
            on=few(*IncidentHappening),
            content=yes_no,
        ),
        "id",
        "tickets",
        "chat",
    ),
    openid=numbered(
        st.fixed_dictionaries(
            {
                "issuer": st.just("https://login.example.org/"),
                "client_id": name,
                "client_secret": st.just("OPENID_X"),
            }
        ),
        "id",
        "jansen",
    ),
    voices=st.dictionaries(
        language, fields({}, voice=st.just("Polly.Laura"), rate=st.sampled_from(["50%", "100%"]))
    ),
    music=some(st.just("music/piano.wav"), 1),
    transcribe=st.sampled_from(["off", "local"]),
    speech=fields({}, menus=yes_no),
    carrier=fields({}, calls_per_second=st.integers(1, 100)),
    contracts=numbered(contract, "contract", "100234", "0123"),
)


def test_many_lines_are_written_back() -> None:
    tried = {"valid": 0, "invalid": 0}

    @given(document)
    @settings(
        max_examples=LINES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to make a whole line smaller takes minutes
        suppress_health_check=list(HealthCheck),
    )
    def write_back(made_up: dict[str, Any]) -> None:
        try:
            read = parse_line_file(json.dumps(made_up, ensure_ascii=False), hashed)
        except FileError:
            tried["invalid"] += 1
            return
        tried["valid"] += 1
        found = again(read)
        assert found.line == read.line
        assert found.contracts == read.contracts

    write_back()
    assert tried["valid"] > LINES // 2, tried


def test_contracts_are_written_as_rows() -> None:
    read = parse_line_file((DOCS / "line.example.yaml").read_text("utf-8"), hashed)
    lines = (line.encode() for line in write_contracts_csv(read.contracts))
    rows = [row for row in read_rows(lines, read.line, hashed) if isinstance(row, ContractRow)]
    (bakery,) = read.contracts
    assert [row.contract.contacts for row in rows] == [(each,) for each in bakery.contacts]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "@SUM(1)", "-1+1", "+1", "'=1", "'s-Gravenhage"])
def test_no_name_is_a_formula_of_a_spreadsheet(name: str) -> None:
    """A customer who manages contacts chooses their names."""
    line = parse_line_file((DOCS / "line.example.yaml").read_text("utf-8"), hashed).line
    contact = Contact(name, ("+31612345678",), "$argon2id$x", "nl")
    written = list(write_contracts_csv([Contract("100234", name, "msa_plus", contacts=(contact,))]))
    _, cells = csv.reader(written)
    phones = cells.index("+31612345678")  # a number is no formula
    assert [cell for cell in cells[:phones] + cells[phones + 1 :] if cell.startswith(STARTS)] == []
    (row,) = read_rows((text.encode() for text in written), line, hashed)
    assert isinstance(row, ContractRow)
    assert (row.contract.customer, row.contract.contacts) == (name, (contact,))


STARTS = ("=", "+", "-", "@")
