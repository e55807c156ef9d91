"""`drill` says how far it came, and fails aloud."""

import json

from routing.drill import drill_id


def test_a_line_whose_web_is_away_fails_with_a_sentence(applied, type_in, board):
    result = type_in("drill")
    assert result.exit_code == 1
    assert "FAILED: web does not answer" in result.stdout
    assert result.stderr.startswith("The drill of main failed")
    assert board.desk.people.contract(drill_id(board.desk.people.line("main")), "1") is None


def test_a_program_gets_the_steps(applied, type_in):
    result = type_in("drill", "--json")
    (row,) = map(json.loads, result.stdout.splitlines())
    assert (result.exit_code, row["line"]) == (1, "main")


def test_the_doctor_says_that_it_was_never_held(applied, type_in):
    assert "drill: main was never practised" in type_in("doctor").stdout
