"""What is said of changes is there in each language with the same holes, and used."""

import string
from pathlib import Path

import ivr_app
from carrier.prompts import SPOKEN
from ivr_app.remarks import catalogue
from routing.written.ways import Unfit
from store.phones import Verdict

ROOM = Path(ivr_app.__file__).parent


def holes(words):
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_each_remark_is_there_in_each_language_with_the_same_holes():
    for key, said in catalogue().items():
        assert set(said) == set(SPOKEN), key
        assert holes(said["nl"]) == holes(said["en"]), key


def test_each_remark_is_made_somewhere():
    text = "".join(file.read_text() for file in ROOM.rglob("*.py"))
    idle = [key for key in catalogue() if f'"{key}"' not in text]
    made = {f"number_{why}" for why in Unfit} | {f"code_{verdict}" for verdict in Verdict}
    assert set(idle) <= made
    assert made - {"number_taken", "code_verified"} <= set(catalogue())
