"""`override` puts somebody on call for a time or takes somebody off, and it can be taken back."""

import pytest

from store.people.audit import AuditLog


@pytest.fixture
def override(type_in):
    """Change who is on call on a day of 2030, by the hour."""

    def run(*who, start="24T18:00", end="25T09:00"):
        times = ("--from", f"2030-12-{start}", "--to", f"2030-12-{end}")
        return type_in("override", "--schedule", "primary", *times, *who)

    return run


def test_somebody_is_put_beside_whoever_is_on_call_and_told(office, three, override, on_call, work):
    result = override("--add", "milan")
    assert result.exit_code == 0
    assert result.stdout.startswith("Milan Visser is on call in primary too: 2030-12-24 18:00 to")
    assert on_call() == [("24T00", "sanne"), ("24T18", "milan", "sanne"), ("25T09", "sanne")]
    work()
    (text,) = office.texts
    assert (text.to, "You are on call for primary from 2030-12-24 18:00" in text.body) == (
        "+31612345603",
        True,
    )


def test_somebody_is_taken_off_and_may_leave_a_gap(applied, override, on_call):
    assert override("--remove", "sanne").exit_code == 0
    assert on_call() == [("24T00", "sanne"), ("24T18",), ("25T09", "sanne")]


def test_what_was_taken_in_a_swap_can_be_taken_off(applied, swap, override, on_call):
    swap("sanne", "joris")
    override("--remove", "joris", start="24T20:00", end="24T22:00")
    assert [row[1:] for row in on_call()] == [("sanne",), ("joris",), (), ("joris",), ("sanne",)]


def test_an_override_is_listed_and_taken_back(office, applied, override, objects, type_in, on_call):
    override("--add", "joris")
    (row,) = objects("swaps")
    assert (row["give"], row["take"]) == ("", "joris")
    result = type_in("swaps", "undo", row["uid"])
    assert result.stdout.startswith("joris is no longer on call in primary: 2030-12-24 18:00")
    assert (on_call(), objects("swaps")) == ([("24T00", "sanne")], [])


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ((), "Choose who comes on call, who goes off call, or both."),
        (("--add", "sanne"), "is already on call in primary for all of that time"),
        (("--remove", "joris"), "Joris Bakker is not on call in primary"),
    ],
)
def test_what_would_change_nothing_is_refused(applied, override, who, why):
    result = override(*who)
    assert (result.exit_code, why in result.stderr) == (1, True)


def test_each_change_stands_in_the_audit_log_and_what_is_refused_does_not(
    applied, override, swap, type_in, objects, board
):
    override("--add", "joris")
    swap("sanne", "joris", "28T18:00", "29T09:00")
    swap("joris", "sanne", "28T18:00", "29T09:00", "desk")
    override("--add", "joris")
    type_in("swaps", "undo", objects("swaps")[0]["uid"])
    deeds = [row.entry for row in AuditLog(board.engine).page(thing=("rota", "main"))]
    assert [(deed.way, deed.action) for deed in deeds] == [
        ("cli", "oncall.undo"),
        ("cli", "oncall.swap"),
        ("cli", "oncall.override"),
    ]
    assert deeds[1].after == {
        "schedule": "primary",
        "start": "2030-12-28T17:00:00+00:00",
        "end": "2030-12-29T08:00:00+00:00",
        "give": "sanne",
        "take": "joris",
    }
    assert (deeds[0].before["take"], deeds[0].after) == ("joris", None)
