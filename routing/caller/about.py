"""After the PIN: is it about an incident that the contract has open, or about something new?"""

from __future__ import annotations

from routing.call import Remark, Stage
from routing.caller import joining
from routing.draft import Draft
from routing.errands import SettleCall
from routing.offer import Offer
from routing.question import MISSES, ask, ask_again

NEW_KEY = "9"


def ask_about(draft: Draft, contract: str, remark: Remark) -> Draft:
    """With nothing open the urgency is asked at once. Whoever is said to be on the line about an
    offered incident is looked for meanwhile: it may be this caller, who was cut off."""
    found = draft.facts.unclosed(contract)
    if not found:
        return ask(draft, Stage.URGENCY, remark)
    offers = tuple(Offer(i.key, i.number, i.urgency) for i in found)
    for offer in offers:
        other = joining.on_the_line(draft, offer)
        draft = draft if other is None else draft.do(SettleCall(other.id))
    numbers = ", ".join(str(offer.number) for offer in offers)
    draft = draft.with_call(offers=offers).note("asked_about", f"the contract has open: {numbers}")
    return ask(draft, Stage.ABOUT, remark)


def about_key(draft: Draft, key: str | None) -> Draft:
    """1 to 3 are the incidents, 9 is something new. So are silence, twice, and a third wrong key,
    which leaves one try at the levels: after it a human is rung."""
    call = draft.the_call
    chosen = {str(n): offer for n, offer in enumerate(call.offers, start=1)}.get(key or "")
    if chosen is not None:
        return joining.chosen(draft, chosen)
    if key == NEW_KEY:
        return ask(draft.note("something_new", "says that it is something new"), Stage.URGENCY)
    if (again := ask_again(draft, key)) is not None:
        return again
    if key is None:
        said = "pressed nothing: taken as something new"
        return ask(draft.note("something_new", said), Stage.URGENCY)
    said = "pressed wrong keys only: taken as something new"
    draft = ask(draft.note("something_new", said), Stage.URGENCY)
    return draft.with_call(slips=MISSES - 1)
