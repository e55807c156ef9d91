"""People and numbers that the line would not reach."""

from __future__ import annotations

from collections.abc import Iterator

from plan.paper import Paper
from plan.rounds import Remark, desk_steps, escalation_steps, everyone_in, everyone_rung
from routing.dialling import why_not_ordinary
from routing.line import Channel, Line
from routing.numbers import takes_texts, why_not_rung
from routing.written.replying import hears_texts, takes_replies
from routing.written.ways import rules_of


def unringable(line: Line) -> Iterator[Remark]:
    """Valid numbers that cannot be rung."""
    for index, engineer in enumerate(line.engineers):
        for number, phone in enumerate(engineer.phones):
            why = "the line's own number" if phone == line.number else why_not_rung(phone)
            if why:
                yield f"engineers[{index}].phones[{number}]", f"cannot be rung: it is {why}"
    for number, phone in enumerate(line.last_resort):
        if why := why_not_rung(phone):
            yield f"line.last_resort[{number}]", f"cannot be rung: it is {why}"


def dear(paper: Paper) -> Iterator[Remark]:
    """Numbers that only the file may have: they are dialled, and may cost more than others."""
    for field, number in _numbers(paper):
        why = why_not_ordinary(paper.line, number)
        if why is not None and why_not_rung(number) is None:
            yield field, f"is {why}: it is dialled all the same, and may cost much"


def _numbers(paper: Paper) -> Iterator[tuple[str, str]]:
    line = paper.line
    for index, engineer in enumerate(line.engineers):
        for place, phone in enumerate(engineer.phones):
            yield f"engineers[{index}].phones[{place}]", phone
    for place, phone in enumerate(line.last_resort):
        yield f"line.last_resort[{place}]", phone
    if line.duty_manager and line.duty_manager.phone:
        yield "duty_manager.phone", line.duty_manager.phone
    for index, contract in enumerate(paper.contracts):
        for person, contact in enumerate(contract.contacts):
            for phone in contact.phones:
                yield f"contracts[{index}].contacts[{person}]", phone


def shared(line: Line) -> Iterator[Remark]:
    """Telephones of two engineers: a call or text from there counts as the first one's."""
    owners: dict[str, str] = {}
    for index, engineer in enumerate(line.engineers):
        for number, phone in enumerate(engineer.phones):
            owner = owners.setdefault(phone, engineer.id)
            if owner != engineer.id:
                text = f"is {owner}'s too: it rings once for both, and a call from it is {owner}'s"
                yield f"engineers[{index}].phones[{number}]", text


def unpaged(line: Line) -> Iterator[Remark]:
    """Notices that have no way to their reader."""
    ways = [{rule.by for rule in rules_of(line, engineer)} for engineer in line.engineers]
    texts = any(Channel.SMS in by for by in ways)
    if texts and line.texts_from.startswith("+") and not takes_texts(line.texts_from):
        yield "line.texts_from", "is a number that sends no texts, and paging sends them"
    if texts and not takes_replies(line):
        yield "line.texts_from", _unanswered(line)
    for index, (engineer, by) in enumerate(zip(line.engineers, ways, strict=True)):
        if Channel.SMS in by and not any(map(takes_texts, engineer.phones)):
            yield f"engineers[{index}].phones", "none of them takes the texts that paging sends"
        if Channel.EMAIL in by and engineer.email is None:
            yield f"engineers[{index}].email", "is missing, and paging sends mail"


def _unanswered(line: Line) -> str:
    """What a sender name means for those who would reply."""
    if hears_texts(line):
        return f"is a name, which takes no replies: pages say to text {line.number} instead"
    return (
        f"is a name, which takes no replies, and {line.number} takes no texts: pages say to call"
        " it, and a handover is confirmed in the console"
    )


def unused(line: Line) -> Iterator[Remark]:
    """Engineers whom nothing ever rings, and schedules that no step names."""
    steps = [step for _, step in (*escalation_steps(line), *desk_steps(line))]
    rung = {one for step in steps for one in step.ring}
    duty = rung.union(*(everyone_in(schedule) for schedule in line.schedules))
    for index, engineer in enumerate(line.engineers):
        if engineer.id not in duty:
            yield f"engineers[{index}]", f"{engineer.id} is in no schedule and no step"
    for index, schedule in enumerate(line.schedules):
        if schedule.id not in rung:
            yield f"schedules[{index}]", f"{schedule.id} is rung by no step"


def misunderstood(line: Line) -> Iterator[Remark]:
    """Steps in which nobody speaks any language of the line."""
    spoken = {e.id: set(e.languages or line.languages) for e in line.engineers}
    for field, step in (*escalation_steps(line), *desk_steps(line)):
        people = everyone_rung(step, line)
        if people and not any(spoken[one].intersection(line.languages) for one in people):
            yield field, f"nobody in it speaks {' or '.join(line.languages)}"
