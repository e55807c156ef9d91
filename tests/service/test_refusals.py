"""What is said of changes is there in each language with the same holes, and used."""

import string
from pathlib import Path

import ivr_app
import service
from service.engineer_phones import PhoneRefusal
from service.refusals import LANGUAGES, load_messages
from store.people.phones import CodeResult

ROOMS = [Path(room.__file__).parent for room in (ivr_app, service)]


def holes(words):
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_each_remark_is_there_in_each_language_with_the_same_holes():
    for key, said in load_messages().items():
        assert set(said) == set(LANGUAGES), key
        assert holes(said["nl"]) == holes(said["en"]), key


def test_each_remark_is_made_somewhere():
    text = "".join(file.read_text() for room in ROOMS for file in room.rglob("*.py"))
    idle = [key for key in load_messages() if f'"{key}"' not in text]
    made = {f"number_{why}" for why in PhoneRefusal} | {f"code_{verdict}" for verdict in CodeResult}
    assert set(idle) <= made
    assert made - {"number_taken", "code_verified"} <= set(load_messages())
