"""The account at the carrier."""

from __future__ import annotations

from carrier.request import NotDoneError, RefusedError, UnsureError
from carrier.telephone import Telephone
from ivr_app.checkup.verdict import Verdict, fail, ok
from settings import Settings
from switchboard import account_of

CHECK = "carrier account"
ACTIVE = "active"


def account(settings: Settings) -> Verdict:
    """Whether the carrier knows us and lets us phone."""
    try:
        state = Telephone(account_of(settings)).account()
    except RefusedError as error:
        wrong = f"is refused ({error.code}): check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
        return fail(CHECK, wrong)
    except (NotDoneError, UnsureError) as error:
        return fail(CHECK, f"{settings.twilio_api_url} cannot be asked ({error}); try again")
    if state != ACTIVE:
        return fail(CHECK, f"is {state}, not {ACTIVE}: the carrier's console says why")
    return ok(CHECK, f"is {state}")
