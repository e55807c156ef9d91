"""Adds a field to contracts, one to contacts and a column to incidents, before anything reads them.

A plugin of pytest: ``python -m pytest -p tests.ivr_app.contract_fields.added …``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import routing.contracts as known

CONTRACT = known.ContractField("renews", known.ValueKind.DATE, about="The day of renewal.")
CONTACT = known.ContractField("on_site", known.ValueKind.YES_NO, personal=True)


def _add(of, *field):
    made = dataclasses.make_dataclass(of.__name__, [field], bases=(of,), frozen=True, slots=True)
    made.__module__ = of.__module__
    return made


known.Contract = _add(known.Contract, "renews", dt.date | None, None)
known.Contact = _add(known.Contact, "on_site", bool, False)
known.CONTRACT_FIELDS += (CONTRACT,)
known.CONTACT_FIELDS += (CONTACT,)

from routing.incidents import columns  # noqa: E402

columns.INCIDENT_COLUMNS += (
    columns.LogColumn(
        "hours", int, lambda it: 24, table=18, page=8, webhook=True, about="Hours of the day."
    ),
)

from sqlalchemy import Boolean, Column, Date, false  # noqa: E402

from store.tables.people import contacts, contracts  # noqa: E402

contracts.append_column(Column("renews", Date))
contacts.append_column(Column("on_site", Boolean, nullable=False, server_default=false()))

from ivr_app.web.i18n import load_catalogue  # noqa: E402

load_catalogue()["contracts.field.renews"] = {"nl": "Verlengt op", "en": "Renews on"}
load_catalogue()["contacts.field.on_site"] = {"nl": "Werkt op locatie", "en": "Works on site"}
load_catalogue()["incidents.head.hours"] = {"nl": "Uren", "en": "Hours"}
