"""The table of the caller's menus: one entry a question, and everything else derives from it."""

import re
from enum import StrEnum
from functools import partial

import pytest

from carrier import prompts as words
from routing.call import OfferedIncident, Preamble, SignatureRequest, Stage
from routing.caller.menus import MENUS
from routing.caller.prompts import DOCUMENTS, build_caller_document
from routing.caller.questions import CallerMenu, CallerView
from routing.draft import ask
from routing.journal import JournalEvent
from routing.line import SignatureDesk
from routing.voice_document import Menu, MenuKey, Redirect, say
from tests.routing.floor import PIN, Floor, prompts


class ImaginaryStage(StrEnum):
    """A stage that no caller knows."""

    LUNCH = "lunch"


def order(draft, dish):
    return ask(draft.note(JournalEvent.REGISTERED, f"wants {dish}"), Stage.FAREWELL)


LUNCH = CallerMenu(
    keys=(
        MenuKey("1", partial(order, dish="soup"), say("ask_soup")),
        MenuKey(
            "2",
            partial(order, dish="cake"),
            lambda view: say("ask_cake", number=view.call.turn),
            offered=lambda view: view.line.signature_desk is not None,
        ),
    ),
    unanswered=partial(order, dish="nothing"),
)


@pytest.fixture
def at_lunch(monkeypatch):
    """A caller at an imaginary question, which has one entry in the table and nothing else."""
    monkeypatch.setitem(MENUS, ImaginaryStage.LUNCH, LUNCH)

    def begin(**line):
        floor = Floor(**line)
        call = floor.dial()
        floor.pin(call, PIN)
        floor.book.rows.calls[call] = floor.call(call).__class__(
            **{**vars(floor.call(call)), "stage": ImaginaryStage.LUNCH, "remark": Preamble.NONE}
        )
        return floor, call

    return begin


def test_a_question_in_the_table_is_asked(at_lunch):
    floor, call = at_lunch()
    document = floor.script(call)
    assert prompts(document) == ["ask_soup"]
    assert [type(act) for act in document.acts] == [Menu, Redirect]
    assert document.acts[0].then.turn == floor.call(call).turn


def test_a_key_is_offered_under_its_condition_only(at_lunch):
    floor, call = at_lunch()
    floor.press(call, "2")
    assert floor.call(call).remark is Preamble.NO_SUCH_KEY
    floor, call = at_lunch(signature_desk=SignatureDesk(("secondary",)))
    assert prompts(floor.script(call)) == ["ask_soup", "ask_cake"]
    floor.press(call, "2")
    assert floor.call(call).stage is Stage.FAREWELL


@pytest.mark.parametrize(
    ("keys", "dish"),
    [
        (["1"], "soup"),
        (["6", "1"], "soup"),
        ([None, None], "nothing"),
        (["6", "6", "6"], "nothing"),
        (["6", None, "6"], "nothing"),
        (["9", "*", "#", "1"], "soup"),
        (["0"], "nothing"),
    ],
)
def test_the_handler_of_the_key_decides_or_the_line_does_in_the_end(at_lunch, keys, dish):
    floor, call = at_lunch()
    for key in keys:
        assert floor.call(call).stage is ImaginaryStage.LUNCH
        floor.press(call, key)
    assert floor.call(call).stage is Stage.FAREWELL
    assert [note.reason for _, _, note in floor.book.rows.journal][-1] == f"wants {dish}"


def test_each_stage_is_a_menu_or_has_a_document_of_its_own():
    assert MENUS.keys() | DOCUMENTS.keys() == set(Stage)
    assert MENUS.keys() & DOCUMENTS.keys() == {Stage.WAITING}  # queued first, asked on hold


VIEWS = [
    {"urgency": urgency, "offers": offers, "unrung": unrung, "desk": desk}
    for urgency in (1, 2)
    for offers in ((), (OfferedIncident("one", 1041, 2),), (OfferedIncident("one", 1041, 1),))
    for unrung in (False, True)
    for desk in (None, SignatureDesk(("secondary",)))
]


def views(stage):
    """The question of this stage in every variant that a caller may hear."""
    for values in VIEWS:
        if not values["offers"] and stage in (Stage.ABOUT, Stage.ENGAGED, Stage.ENGINEER):
            continue
        floor = Floor(signature_desk=values["desk"])
        call = floor.call(floor.critical())
        incident = floor.incident(call.id)
        incident = incident.__class__(**{**vars(incident), "urgency": values["urgency"]})
        known = {"stage": stage, "offers": values["offers"], "unrung": values["unrung"]}
        call = call.__class__(**{**vars(call), **known, "request": SignatureRequest()})
        yield CallerView(call, incident, floor.line)


@pytest.mark.parametrize("stage", MENUS)
def test_a_digit_has_one_meaning_at_a_time(stage):
    for view in views(stage):
        menu = MENUS[stage]
        digits = [k.digit for k in (*menu.choices(view), *menu.keys) if k.offered(view)]
        assert len(digits) == len(set(digits))


NAMED = re.compile(r"(?:toets|toets dan|press|Taste|tapez) (\d)", re.IGNORECASE)


@pytest.mark.parametrize("language", words.SPOKEN)
@pytest.mark.parametrize("stage", [stage for stage in MENUS if stage is not Stage.LANGUAGE])
def test_the_sentences_of_a_question_name_its_keys_and_no_others(stage, language):
    for view in views(stage):
        menu = MENUS[stage]
        said = [
            words.render_sentence(language, one.prompt, dict(one.values)) for one in menu.say(view)
        ]
        offered = {k.digit for k in (*menu.choices(view), *menu.keys) if k.offered(view)}
        assert set(NAMED.findall(" ".join(said))) == offered


def test_a_hang_up_is_decided_by_the_entry_of_the_question():
    floor = Floor()
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, "1")
    floor.hang_up(call)
    assert floor.incident(call).urgency == 1


def test_the_same_view_gives_the_same_document(at_lunch):
    floor, call = at_lunch()
    view = CallerView(floor.call(call), None, floor.line)
    assert build_caller_document(view) == build_caller_document(view)
