"""Contracts: found, read, added, changed and ended."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from ivr_app.console.contracts.detail import find_contract_detail
from ivr_app.console.contracts.forms import (
    VALIDITIES,
    ContractForm,
    ContractSearchForm,
    EndContractForm,
    NewContractForm,
    build_filter,
    changed_fields,
    initial_values,
    open_search,
    seal_search,
    validate,
)
from ivr_app.console.forms import Mistakes, read_form
from ivr_app.console.page import ConsolePage, needs
from ivr_app.console.session import audit_entry, current_line
from ivr_app.console.templating import t
from ivr_app.context import current_call_service, current_services
from routing.contracts import Contract, Plan
from routing.oncall.local_time import wall
from store.people.accounts import Role
from store.people.contract_search import ContractPage as Found
from store.people.contract_search import Place, look_up
from store.people.contract_store import ContractStore, StaleError, StoredContract
from store.people.import_preview import ContractChange
from store.people.lines import CONSOLE

page = ConsolePage("contracts", __name__, Role.VIEWER, place=50)

Shown = str | Answer | tuple[str, int]


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """The contracts that fit what is sought; the address carries that sealed."""
    wanted, after = open_search(request.args.get("sought"))
    return _render_list(wanted, after, {})


@page.post("/find")
@needs(Role.VIEWER)
def find() -> Shown:
    """Seek contracts: what is typed may be somebody's name or number, so it stands in no address.
    A whole contract number leads to its page."""
    wanted, mistakes = read_form(ContractSearchForm)
    if wanted is None:
        return _render_list(ContractSearchForm(), None, mistakes), 422
    if wanted.alone("number") and find_stored_contract(wanted.number) is not None:
        return redirect(url_for("contracts.one", number=wanted.number))
    return redirect(url_for("contracts.show", sought=seal_search(wanted)))


@page.get("/<number>")
@needs(Role.VIEWER)
def one(number: str) -> str:
    """One contract: who may call on it, what was used of it, what happened."""
    looked_at, kept = current_line(), find_stored_contract(number)
    if looked_at is None or kept is None:
        abort(404)
    return render_template(
        "contracts/one.html", file=find_contract_detail(current_services(), looked_at, kept)
    )


@page.get("/add")
@needs(Role.MANAGER)
def add() -> str:
    """Ask for a new contract."""
    return _render_form(None, initial_values(None), {})


@page.post("/add")
@needs(Role.MANAGER)
def added() -> Shown:
    """Take a new contract."""
    form, mistakes = read_form(NewContractForm)
    after = form.over(Contract(form.number, "", Plan.STANDARD)) if form is not None else None
    mistakes = mistakes or (validate(after) if after is not None else {})
    if after is None or mistakes:
        return _render_form(None, request.form, mistakes), 422
    if not save_change(ContractChange(None, after), "contracts.add"):
        there = {"number": t("contracts.there_already", number=after.number)}
        return _render_form(None, request.form, there), 409
    flash(t("contracts.added", number=after.number), "good")
    return redirect(url_for("contracts.one", number=after.number))


@page.get("/<number>/change")
@needs(Role.MANAGER)
def change(number: str) -> str:
    """Show the contract to be changed."""
    kept = require_editable_contract(number)
    return _render_form(kept, initial_values(kept.contract), {})


@page.post("/<number>/change")
@needs(Role.MANAGER)
def changed(number: str) -> Shown:
    """Take the changed contract, unless it is another by now than the one that was shown."""
    return _save_form(number, ContractForm, "contracts.change")


@page.post("/<number>/end")
@needs(Role.MANAGER)
def end(number: str) -> Shown:
    """From the day after its last day nobody is entitled by it; all that happened stays."""
    return _save_form(number, EndContractForm, "contracts.end")


def _save_form(number: str, kind: type[ContractForm] | type[EndContractForm], word: str) -> Shown:
    kept = require_editable_contract(number)
    given = initial_values(kept.contract) | request.form.to_dict()
    form, mistakes = read_form(kind)
    after = form.over(kept.contract) if form is not None else None
    mistakes = mistakes or (validate(after) if after is not None else {})
    if form is None or after is None or mistakes:
        return _render_form(kept, given, mistakes), 422
    if form.mark != kept.mark or not save_change(ContractChange(kept.contract, after), word):
        kept = require_editable_contract(number)
        return _render_form(kept, given, {}, initial_values(kept.contract)), 409
    flash(t("contracts.saved"), "good")
    return redirect(url_for("contracts.one", number=number))


def _render_form(
    kept: StoredContract | None,
    given: Mapping[str, str],
    mistakes: Mistakes,
    by_now: Mapping[str, str] | None = None,
) -> str:
    """The form; ``by_now`` is what somebody else made of the contract meanwhile."""
    about = {"kept": kept, "given": given, "mistakes": mistakes, "stale": by_now is not None}
    plans = [(plan.value, t(f"contracts.plan.{plan.value}")) for plan in Plan]
    others = changed_fields("contracts", given, by_now or {})
    return render_template("contracts/form.html", plans=plans, others=others, **about)


def _render_list(wanted: ContractSearchForm, after: Place | None, mistakes: Mistakes) -> str:
    looked_at, found = current_line(), Found(())
    if looked_at is not None and not mistakes:
        found = look_up(current_services().engine, build_filter(wanted, looked_at), after)
    return render_template(
        "contracts/show.html",
        given=request.form if mistakes else wanted.model_dump(),
        found=found,
        mistakes=mistakes,
        further=seal_search(wanted, found.further) if found.further else None,
        validities=[(one, t(f"contracts.validity.{one or 'any'}")) for one in VALIDITIES],
        today=wall(current_call_service().clock(), looked_at.timezone).date()
        if looked_at is not None
        else None,
    )


# The contracts of the line that is looked at, as they are kept, and how they are changed here.


def open_contracts() -> ContractStore:
    """Those of the line that is looked at."""
    looked_at = current_line()
    return ContractStore(current_services().engine, looked_at.id if looked_at else "", CONSOLE)


def find_stored_contract(number: str) -> StoredContract | None:
    """The contract of this number, if there is one."""
    return open_contracts().read(number)


def require_editable_contract(number: str) -> StoredContract:
    """The same for whoever wants to change it: what stands in the file is changed there."""
    kept = find_stored_contract(number)
    if kept is None or kept.of_the_file:
        abort(404)
    return kept


def save_change(change: ContractChange, word: str) -> bool:
    """Write it with its deed; False when the contract is not what it was ``before`` any more."""
    if change.before == change.after:
        return True
    try:
        open_contracts().put([change], audit_entry(word))
    except StaleError:
        return False
    return True
