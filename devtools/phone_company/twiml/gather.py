"""Gather: asks for keys, or for words."""

from xml.etree.ElementTree import Element

from devtools.phone_company.calls import Jump
from devtools.phone_company.clock import first_of
from devtools.phone_company.twiml import attributes
from devtools.phone_company.twiml.stage import Stage


async def gather(stage: Stage, element: Element) -> Jump | None:
    """Collect input while the nested prompts play; without input the next verb follows."""
    call = stage.call
    call.asking = {"verb": "Gather", **element.attrib}
    stage.note("gather", **element.attrib)
    if not stage.company.switches.type_ahead:
        call.keypad.forget()
    call.voice.forget()
    try:
        await first_of(_begun(stage, element), _prompt(stage, element))
        heard = await _input(stage, element)
    finally:
        call.asking = None
    empty = not (heard.get("Digits") or heard.get("SpeechResult"))
    if empty and not attributes.yes(element, "actionOnEmptyResult"):
        return None
    url = stage.page.resolve(element.get("action"))
    return Jump(url, attributes.method(element), heard)


async def _prompt(stage: Stage, element: Element) -> None:
    prompts = stage.within("Say", "Play", "Pause")
    prompts.page = stage.page
    await prompts.read(tuple(element))


async def _begun(stage: Stage, element: Element) -> None:
    wanted = element.get("input", "dtmf")
    if "dtmf" not in wanted:
        await stage.call.voice.touched()
    elif "speech" not in wanted:
        await stage.call.keypad.touched()
    else:
        await first_of(stage.call.keypad.touched(), stage.call.voice.touched())


async def _input(stage: Stage, element: Element) -> dict[str, str]:
    clock, timeout = stage.company.clock, attributes.number(element, "timeout", 5)
    if await first_of(_begun(stage, element), clock.sleep(timeout)) != 0:
        return {"Digits": ""}
    if not stage.call.keypad.waiting:
        said = stage.call.voice.take()
        await clock.sleep(said.seconds)
        return {"SpeechResult": said.text, "Confidence": "0.9"}
    return await _keys(stage, element, timeout)


async def _keys(stage: Stage, element: Element, timeout: int) -> dict[str, str]:
    keypad, digits = stage.call.keypad, ""
    most = attributes.number(element, "numDigits", 0)
    finish = element.get("finishOnKey", "#")
    while await first_of(keypad.touched(), stage.company.clock.sleep(timeout)) == 0:
        key = keypad.take()
        if key == finish:
            return {"Digits": digits, "FinishedOnKey": key}
        digits += key
        if most and len(digits) == most:
            break
    return {"Digits": digits}
