"""`drill` says how far it came, and fails aloud."""

import json

from routing.drill import drill_id


def test_a_line_whose_web_is_away_fails_with_a_sentence(applied, type_in, board):
    result = type_in("drill")
    assert result.exit_code == 1
    assert "FAILED: web does not answer" in result.stdout
    assert result.stderr.startswith("The drill of main failed")
    assert (
        board.call_service.lines.find_contract(
            drill_id(board.call_service.lines.find_line("main")), "1"
        )
        is None
    )


def test_a_program_gets_the_steps(applied, type_in):
    result = type_in("drill", "--json")
    (row,) = map(json.loads, result.stdout.splitlines())
    assert (result.exit_code, row["line"]) == (1, "main")


def test_the_doctor_says_that_it_was_never_held(applied, type_in):
    assert "drill: main never had one" in type_in("doctor").stdout


def test_it_says_whom_it_wakes_and_wakes_nobody_without_a_yes(applied, type_in, office):
    result = type_in("drill", "--wake", keys="n\n")
    assert (result.exit_code, result.stderr) == (1, "Nobody was rung.\n")
    assert "This drill now rings and texts: " in result.stdout
    assert "Sanne de Vries" in result.stdout
    assert "identified" not in result.stdout


def test_a_program_must_say_that_people_are_woken(applied, type_in):
    result = type_in("drill", "--wake", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "--wake needs --yes" in result.stderr


def test_with_a_yes_it_begins_and_a_web_that_is_away_fails_it(applied, type_in):
    result = type_in("drill", "--wake", "--yes")
    assert result.exit_code == 1
    assert "FAILED: web does not answer" in result.stdout
