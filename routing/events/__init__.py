"""What can happen to a line. No event carries a PIN or the digits keyed for a contract number.

``turn`` is the question that was answered: an answer to an older question changes nothing.
"""

from __future__ import annotations

from routing.events.caller import Chose, ContractKeyed, Dialled, Introduced, Keyed, PinChecked
from routing.events.course import (
    ClockStruck,
    Closed,
    CustomerReplied,
    Noted,
    Reassigned,
    RequestCame,
    Responded,
    WaitsForCustomer,
)
from routing.events.incident import (
    CalledIn,
    CallWanted,
    CodeTexted,
    DeskTurn,
    EngineerFree,
    HuntDue,
    Lodged,
    PageSent,
    PremiumSet,
    PromiseDue,
    TextedBack,
)
from routing.events.leg import (
    CustomerRung,
    Heard,
    LegChecked,
    LegHeard,
    LegKeyed,
    LegListens,
    LegMet,
    LegParted,
    LegPlaced,
    LegPutOff,
    LegRefused,
    NoteSpoken,
    RangLongEnough,
)
from routing.events.waiting import (
    CallChecked,
    CallEnded,
    Left,
    LeftQueue,
    MessageCut,
    MessageLeft,
    RescueOver,
    RescueTaken,
    StayedOn,
    Unattended,
    WaitingKey,
)

CallEvent = (
    Chose
    | ContractKeyed
    | PinChecked
    | Introduced
    | MessageCut
    | MessageLeft
    | WaitingKey
    | LeftQueue
    | Unattended
    | StayedOn
    | RescueTaken
    | RescueOver
    | CallEnded
    | CallChecked
)
LegEvent = (
    LegPlaced
    | LegPutOff
    | LegRefused
    | LegHeard
    | LegChecked
    | LegListens
    | LegKeyed
    | LegMet
    | LegParted
    | CustomerRung
    | NoteSpoken
    | RangLongEnough
)
Course = Responded | Closed | WaitsForCustomer | CustomerReplied | Reassigned | Noted | ClockStruck
Timed = HuntDue | PromiseDue | DeskTurn | EngineerFree
Asked = CalledIn | CallWanted | CodeTexted
IncidentEvent = TextedBack | Timed | Asked | PremiumSet | Course | RequestCame
Event = CallEvent | LegEvent | IncidentEvent | PageSent

__all__ = [
    "CallChecked",
    "CallEnded",
    "CallEvent",
    "CallWanted",
    "CalledIn",
    "Chose",
    "ClockStruck",
    "Closed",
    "CodeTexted",
    "ContractKeyed",
    "Course",
    "CustomerReplied",
    "CustomerRung",
    "DeskTurn",
    "Dialled",
    "EngineerFree",
    "Event",
    "Heard",
    "HuntDue",
    "IncidentEvent",
    "Introduced",
    "Keyed",
    "Left",
    "LeftQueue",
    "LegChecked",
    "LegEvent",
    "LegHeard",
    "LegKeyed",
    "LegListens",
    "LegMet",
    "LegParted",
    "LegPlaced",
    "LegPutOff",
    "LegRefused",
    "Lodged",
    "MessageCut",
    "MessageLeft",
    "NoteSpoken",
    "Noted",
    "PageSent",
    "PinChecked",
    "PremiumSet",
    "PromiseDue",
    "RangLongEnough",
    "Reassigned",
    "RequestCame",
    "RescueOver",
    "RescueTaken",
    "Responded",
    "StayedOn",
    "TextedBack",
    "Unattended",
    "WaitingKey",
    "WaitsForCustomer",
]
