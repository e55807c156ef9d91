"""`check` reads as `apply` does: errors exit 1, warnings exit 0."""

import json
from pathlib import Path


def test_a_right_file_can_be_applied(type_in, paper):
    result = type_in(
        "check", paper('hours: "18:00-09:00"', "days: [mon, tue, wed, thu, fri, sat, sun]")
    )
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "line main can be applied; warnings: 0\n"


def test_a_file_that_grows_without_end_is_refused_in_a_sentence(type_in):
    laughs = Path(__file__).parents[2] / "cases" / "yaml" / "laughs.yaml"
    result = type_in("check", laughs)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "line 6: file: is not valid YAML: its aliases make more than 200000 values of it\n"
    )


def test_warnings_exit_0_and_are_objects(objects, paper):
    (found,) = objects("check", paper())
    assert (found["severity"], found["line"]) == ("warning", 17)
    assert found["field"] == "escalation.steps[1]"


def test_errors_exit_1_and_are_objects(type_in, paper):
    result = type_in("check", paper("plan: msa_plus", "plan: gold"), "--json")
    (found,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert found == {
        "severity": "error",
        "line": 21,
        "field": "contracts[0].plan",
        "message": "must be one of msa_plus, standard",
    }


def test_errors_are_sentences_on_standard_error(type_in, paper):
    result = type_in("check", paper("plan: msa_plus", "plan: gold"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "line 21: contracts[0].plan: must be one of msa_plus, standard\n"
