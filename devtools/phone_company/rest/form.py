"""What a request asked for, checked."""

from collections.abc import Container

from aiohttp import web
from multidict import MultiDict

from devtools.phone_company.calls import Jump, StatusCallback
from devtools.phone_company.numbers import E164
from devtools.phone_company.rest.errors import RestError

Form = MultiDict[str]
_METHODS = ("GET", "POST")


async def form_of(request: web.Request) -> Form:
    """Return the form fields that are text."""
    if request.content_type == "application/json":
        return MultiDict((name, str(value)) for name, value in (await request.json()).items())
    fields = await request.post()
    return MultiDict((name, value) for name, value in fields.items() if isinstance(value, str))


def method(form: Form, name: str) -> str:
    """Return GET or POST."""
    given = form.get(name, "POST").upper()
    if given not in _METHODS:
        raise RestError(400, 20001, f"{name} must be GET or POST")
    return given


def address(form: Form, name: str) -> str:
    """Return an absolute address, or nothing."""
    given = form.get(name, "")
    if given and not given.startswith(("http://", "https://")):
        raise RestError(400, 21205, f"{name} is not a valid URL: {given}")
    return given


def instructions(form: Form) -> Jump | None:
    """Return where a call is told to go on; Url wins over Twiml."""
    if url := address(form, "Url"):
        return Jump(url, method(form, "Method"))
    twiml = form.get("Twiml", "")
    if len(twiml) > 4000:
        raise RestError(400, 21218, "Twiml is longer than 4000 characters")
    return Jump(twiml=twiml) if twiml else None


def status_callback(form: Form) -> StatusCallback:
    """Return whom to tell about which events."""
    events = form.getall("StatusCallbackEvent", ["completed"])
    words = {word for event in events for word in event.split()}
    url = address(form, "StatusCallback")
    return StatusCallback(url, method(form, "StatusCallbackMethod"), frozenset(words))


def callee(form: Form) -> str:
    """Return the number to reach."""
    to = form.get("To", "").strip()
    if not to:
        raise RestError(400, 21201, "No 'To' number is specified")
    if not E164.match(to):
        raise RestError(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    return to


def caller_id(form: Form, owned: Container[str]) -> str:
    """Return the number a call is placed from; it must belong to the account."""
    from_ = form.get("From", "").strip()
    if not from_:
        raise RestError(400, 21213, "No 'From' number is specified")
    if not E164.match(from_):
        raise RestError(400, 21212, f"The 'From' number {from_} is not a valid phone number.")
    if from_ not in owned:
        raise RestError(400, 21210, f"The source phone number {from_} is not yet verified.")
    return from_


def flag(form: Form, name: str, *, default: bool = False) -> bool:
    """Return a truth value."""
    return form.get(name, str(default)).lower() == "true"
