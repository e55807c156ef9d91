"""Contracts: found, read, added, changed and ended."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from ivr_app.console.contracts.detail import file_of
from ivr_app.console.contracts.forms import (
    VALIDITIES,
    ContractForm,
    ContractSearchForm,
    EndContractForm,
    NewContractForm,
    amiss,
    differing,
    filled,
    opened,
    seal,
    sought,
)
from ivr_app.console.forms import Mistakes, read
from ivr_app.console.page import ConsolePage, needs
from ivr_app.console.session import deed, line
from ivr_app.console.templating import t
from ivr_app.context import board, desk
from routing.contract import Contract, Plan
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
    wanted, after = opened(request.args.get("sought"))
    return _list(wanted, after, {})


@page.post("/find")
@needs(Role.VIEWER)
def find() -> Shown:
    """Seek contracts: what is typed may be somebody's name or number, so it stands in no address.
    A whole contract number leads to its page."""
    wanted, mistakes = read(ContractSearchForm)
    if wanted is None:
        return _list(ContractSearchForm(), None, mistakes), 422
    if wanted.alone("number") and kept_of(wanted.number) is not None:
        return redirect(url_for("contracts.one", number=wanted.number))
    return redirect(url_for("contracts.show", sought=seal(wanted)))


@page.get("/<number>")
@needs(Role.VIEWER)
def one(number: str) -> str:
    """One contract: who may call on it, what was used of it, what happened."""
    looked_at, kept = line(), kept_of(number)
    if looked_at is None or kept is None:
        abort(404)
    return render_template("contracts/one.html", file=file_of(board(), looked_at, kept))


@page.get("/add")
@needs(Role.MANAGER)
def add() -> str:
    """Ask for a new contract."""
    return _form(None, filled(None), {})


@page.post("/add")
@needs(Role.MANAGER)
def added() -> Shown:
    """Take a new contract."""
    form, mistakes = read(NewContractForm)
    after = form.over(Contract(form.number, "", Plan.STANDARD)) if form is not None else None
    mistakes = mistakes or (amiss(after) if after is not None else {})
    if after is None or mistakes:
        return _form(None, request.form, mistakes), 422
    if not put(ContractChange(None, after), "contracts.add"):
        there = {"number": t("contracts.there_already", number=after.number)}
        return _form(None, request.form, there), 409
    flash(t("contracts.added", number=after.number), "good")
    return redirect(url_for("contracts.one", number=after.number))


@page.get("/<number>/change")
@needs(Role.MANAGER)
def change(number: str) -> str:
    """Show the contract to be changed."""
    kept = changeable(number)
    return _form(kept, filled(kept.contract), {})


@page.post("/<number>/change")
@needs(Role.MANAGER)
def changed(number: str) -> Shown:
    """Take the changed contract, unless it is another by now than the one that was shown."""
    return _taken(number, ContractForm, "contracts.change")


@page.post("/<number>/end")
@needs(Role.MANAGER)
def end(number: str) -> Shown:
    """From the day after its last day nobody is entitled by it; all that happened stays."""
    return _taken(number, EndContractForm, "contracts.end")


def _taken(number: str, kind: type[ContractForm] | type[EndContractForm], word: str) -> Shown:
    kept = changeable(number)
    given = filled(kept.contract) | request.form.to_dict()
    form, mistakes = read(kind)
    after = form.over(kept.contract) if form is not None else None
    mistakes = mistakes or (amiss(after) if after is not None else {})
    if form is None or after is None or mistakes:
        return _form(kept, given, mistakes), 422
    if form.mark != kept.mark or not put(ContractChange(kept.contract, after), word):
        kept = changeable(number)
        return _form(kept, given, {}, filled(kept.contract)), 409
    flash(t("contracts.saved"), "good")
    return redirect(url_for("contracts.one", number=number))


def _form(
    kept: StoredContract | None,
    given: Mapping[str, str],
    mistakes: Mistakes,
    by_now: Mapping[str, str] | None = None,
) -> str:
    """The form; ``by_now`` is what somebody else made of the contract meanwhile."""
    about = {"kept": kept, "given": given, "mistakes": mistakes, "stale": by_now is not None}
    plans = [(plan.value, t(f"contracts.plan.{plan.value}")) for plan in Plan]
    others = differing("contracts", given, by_now or {})
    return render_template("contracts/form.html", plans=plans, others=others, **about)


def _list(wanted: ContractSearchForm, after: Place | None, mistakes: Mistakes) -> str:
    looked_at, found = line(), Found(())
    if looked_at is not None and not mistakes:
        found = look_up(board().engine, sought(wanted, looked_at), after)
    return render_template(
        "contracts/show.html",
        given=request.form if mistakes else wanted.model_dump(),
        found=found,
        mistakes=mistakes,
        further=seal(wanted, found.further) if found.further else None,
        validities=[(one, t(f"contracts.validity.{one or 'any'}")) for one in VALIDITIES],
        today=wall(desk().clock(), looked_at.timezone).date() if looked_at is not None else None,
    )


# The contracts of the line that is looked at, as they are kept, and how they are changed here.


def register() -> ContractStore:
    """Those of the line that is looked at."""
    looked_at = line()
    return ContractStore(board().engine, looked_at.id if looked_at else "", CONSOLE)


def kept_of(number: str) -> StoredContract | None:
    """The contract of this number, if there is one."""
    return register().read(number)


def changeable(number: str) -> StoredContract:
    """The same for whoever wants to change it: what stands in the file is changed there."""
    kept = kept_of(number)
    if kept is None or kept.of_the_file:
        abort(404)
    return kept


def put(change: ContractChange, word: str) -> bool:
    """Write it with its deed; False when the contract is not what it was ``before`` any more."""
    if change.before == change.after:
        return True
    try:
        register().put([change], deed(word))
    except StaleError:
        return False
    return True
