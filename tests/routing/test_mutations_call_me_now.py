"""Would the tests notice? Mistakes in calling a customer who asked for it, made on purpose."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from routing.caller import call_me_now
from routing.engineer import menus, sentences
from routing.escalation import ringing
from tests.routing import test_call_me_now
from tests.routing.floor import Floor
from tests.routing.noticing import proofs
from tests.routing.test_mutations import those_of, tries
from workers import calls

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (call_me_now.find_numbers, "if facts.why_not_dialled(phone) is None", ""),
    (call_me_now.find_numbers, "if not facts.line.texts_at(phone)", ""),
    (call_me_now.why_not_called, "incident.state is IncidentState.CLOSED", "False"),
    (call_me_now.why_not_called, "_is_rung(facts, incident, by)", "False"),
    (call_me_now.why_not_called, "call is not None and call.live", "False"),
    (
        call_me_now.why_not_called,
        "winner is not None and winner.state is LegState.CALLING",
        "False",
    ),
    (call_me_now.why_not_called, "or phone not in (None, *numbers)", ""),
    (
        call_me_now.why_not_called,
        "len(_list_lately(incident, facts.now)) >= CALLS_AN_HOUR",
        "False",
    ),
    (call_me_now._is_rung, "leg.live and leg.by == by", "False"),
    (call_me_now._list_lately, "abs(now - at) < AN_HOUR", "True"),
    (call_me_now._why_nobody_answers, "None if there else", "None if True else"),
    (call_me_now._make_leg, "before.number + 1, before.turn + 1", "before.number, before.turn"),
    (call_me_now._make_leg, "contact.language in facts.line.languages", "False"),
    (call_me_now.ring_customer, "event.phone or ", ""),
    (
        call_me_now.ring_customer,
        "draft = draft.do(jobs.EndCustomerRing(incident.key, leg.number), PLACED_WITHIN)",
        "pass",
    ),
    (call_me_now.apply_status, "not leg.live or", ""),
    (call_me_now.apply_status, "leg.result or _find_result", "_find_result"),
    (call_me_now.apply_status, "leg.state is not LegState.PLACING", "False"),
    (call_me_now._find_result, "leg.state is LegState.LISTENING", "False"),
    (call_me_now.check, "now is None or not now.live", "True"),
    (call_me_now.stop_ringing, "leg.state not in ringing.RINGS", "False"),
    (call_me_now._end, "winner is None or winner.state is not LegState.OFFERED", "True"),
    (call_me_now.listen, "if _is_needless(draft):", "if False:"),
    (call_me_now.listen, "leg.state not in ringing.RINGS and not revived", "False"),
    (call_me_now.press_key, "event.turn != leg.turn", "False"),
    (call_me_now.press_key, "if _is_needless(draft):", "if False:"),
    (call_me_now.press_key, "event.key in (CONNECT_KEY, HUMAN)", "event.key"),
    (call_me_now.press_key, "(CONNECT_KEY, HUMAN)", "(CONNECT_KEY,)"),
    (call_me_now.press_key, "event.key not in REPEAT_KEYS", "event.key is not None"),
    (call_me_now.press_key, "leg.rounds >= ROUNDS or", ""),
    (call_me_now.press_key, "or leg.slips >= SLIPS", ""),
    (call_me_now._is_other_leg, "sid != leg.sid", "False"),
    (
        call_me_now.begin_call,
        "draft = draft.do(jobs.CheckCall(call.id), jobs.CHECK_CALL_AFTER)",
        "pass",
    ),
    (call_me_now.begin_call, "ReopenReason.ASKED_FOR_CALL", "None"),
    (call_me_now._ask_or_end, "if leg.slips", "if False"),
    (ringing.stop_customer_leg, "leg.state not in RINGS", "True"),
    (sentences.say_wait, "is_customer_rung(view)", "False"),
    (menus.offer_callback, "is_customer_rung(view)", "False"),
    (calls.ring_customer, "if leg.state is not LegState.PLACING:", "if False:"),
    (calls.ring_customer, "if attempt > 1:", "if False:"),
    (calls.check_customer_leg, "if leg.sid is not None:", "if False:"),
]
TESTS = those_of(test_call_me_now)


def holds(test: Any) -> bool:
    """Run a test with each of its arguments, on a floor of its own with an open incident."""
    names = inspect.signature(test).parameters
    for row in tries(test):
        floor = Floor()
        with pytest.MonkeyPatch.context() as patch:
            given = row | {"floor": floor, "monkeypatch": patch}
            try:
                if "portal" in names:
                    given["portal"] = test_call_me_now.after_hang_up(floor)
                test(**{name: given[name] for name in names})
            except Exception:
                return False
    return True


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS, holds)
