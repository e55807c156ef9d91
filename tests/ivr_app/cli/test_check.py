"""`check` reads as `apply` does: errors exit 1, warnings exit 0."""

import json
from pathlib import Path

import pytest

from service.bootstrap import build_services
from settings import SettingsError, read_settings
from store.work.redis_client import NoJobNotifier
from tests.carrier.test_own_prompts import sound, write, write_whole


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


def test_the_prompts_of_the_operator_are_checked_and_counted(shell, paper, tmp_path):
    whole = paper("contracts:", "music: [music/hold.wav, music/gone.wav]\ncontracts:")
    files = {
        "prompts/nl.toml": '[caller]\nconfirm_level_1 = "Zeker weten?"\n',
        "prompts/nl/goodbye.wav": sound(),
        "prompts/en/welcome.wav": sound(),
        "prompts/music/hold.wav": sound(),
    }
    folder = write(tmp_path, files) / "prompts"
    result = shell("check", whole, PROMPTS_DIR=str(folder))
    assert result.returncode == 0, result.stderr
    found = [line for line in result.stderr.splitlines() if "escalation" not in line]
    assert len(found) == 3
    assert found[0].endswith("music[1]: is not in PROMPTS_DIR, so it is not played;"
                             " without any, our own music is")  # fmt: skip
    assert "nl.toml: caller: confirm_level_1: no longer names key 1" in found[1]
    assert "en/welcome.wav: is never played" in found[2]
    dutch, english, applied = result.stdout.splitlines()
    assert dutch.startswith("nl: sentences that are ours: [voice] 2, ")
    assert "recordings: 1 of the " in dutch
    assert english.startswith("en: ")
    assert applied == "line main can be applied; warnings: 4"


def test_a_mistake_in_the_prompts_stops_every_command_with_a_sentence(shell, paper, tmp_path):
    write(tmp_path, {"prompts/nl.toml": '[caller]\nwelcome = "Dag {naam}."\n'})
    where = {"PROMPTS_DIR": str(tmp_path / "prompts")}
    said = "PROMPTS_DIR cannot be used: nl.toml: caller: welcome: {naam} is no value"
    for words in (("check", paper()), ("oncall", "--file", paper())):
        result = shell(*words, **where)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith(said)
        assert result.stderr.count("\n") == 1


def test_a_process_does_not_start_with_wrong_prompts(environment, tmp_path):
    write(tmp_path, {"prompts/nl/welcom.wav": sound()})
    settings = read_settings(environment | {"PROMPTS_DIR": str(tmp_path / "prompts")})
    with pytest.raises(SettingsError, match=r"nl/welcom.wav: no spoken sentence has this key"):
        build_services(settings, NoJobNotifier())


def test_a_language_of_the_operator_may_be_a_language_of_the_line(shell, paper, tmp_path):
    write(tmp_path, {"prompts/pl.toml": write_whole("en")})
    polish = paper("languages: [nl, en]\n", "languages: [pl]\n")
    assert "must be one of nl, en" in shell("check", polish).stderr
    result = shell("check", polish, PROMPTS_DIR=str(tmp_path / "prompts"))
    assert (result.returncode, result.stdout[:4]) == (0, "pl: ")
