"""The sample line with every process of the Procfile and a mail server, and its customers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import requests
from playwright.sync_api import BrowserContext, Page

from devtools.demo.hours import write_line
from devtools.phone_company.driver.office import Office
from ivr_app.portal.app import build_portal
from ivr_app.portal.session import KEY
from routing.contracts import ContractChange, ContractOrigin
from routing.names import name_key
from service.bootstrap import build_services, now
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore
from store.people.sessions import PortalOwner, PortalSessions
from store.work.redis_client import NoJobNotifier
from tests.ivr_app.console.contracts.conftest import SAMPLE, take_in
from tests.ivr_app.portal.customers import LONG
from tests.kills.line_processes import PATIENCE, Works, at_work, until
from tests.mail_server import Postbox, mail_server

NOORD, NAME = "100252", "Karin Noord"
KARIN, KARIN_MAIL = "+31612345682", "karin@example.org"
"""A contact of the sample and her contract, her phone and her mail address."""
JOOST = "+31612345681"
"""The phone of a contact of another company."""
TEXTS_FROM = "+3197010200000"
"""The number of the sample line that sends texts."""

LINK = re.compile(r"https?://\S+/portal/sign-in/link/\S+")
CODE = re.compile(r"\b\d{8}\b")


@dataclass(frozen=True)
class Live:
    """A running line, and the mails that it sent."""

    works: Works
    postbox: Postbox

    @property
    def portal(self) -> str:
        """The address of the portal."""
        return f"{self.works.environment['PUBLIC_URL']}/portal"

    def read_mail(self, to: str, after: int = 0) -> str:
        """The words of the next mail to an address, after so many of them."""

        def find() -> str | None:
            theirs = [mail for mail in self.postbox.mails if mail["To"] == to]
            if len(theirs) <= after:
                return None
            body = theirs[after].get_body(("plain",))
            return None if body is None else str(body.get_content())

        return until(find, f"a mail to {to}")

    def read_text(self, to: str, after: int = 0) -> str:
        """The words of the next text to a number, after so many of them."""

        def find() -> str | None:
            theirs = [text.body for text in self.works.office.texts if text.to == to]
            return theirs[after] if len(theirs) > after else None

        return until(find, f"a text to {to}")

    def sign_in(self, page: Page, number: str) -> None:
        """Sign in with the code that is texted to this number."""
        before = self._count_texts(number)
        page.goto(f"{self.portal}/sign-in")
        page.locator("#address").fill(number)
        page.locator("main button").click()
        code = CODE.search(self.read_text(number, before))
        assert code is not None
        page.locator("#code").fill(code[0])
        page.locator("main form").first.locator("button").click()
        page.wait_for_url(f"{self.portal}/")

    def sign_in_without_browser(self, number: str) -> requests.Session:
        """A session of a program, signed in in the same way."""
        session, before = requests.Session(), self._count_texts(number)
        self._send(session, "sign-in/", address=number)
        code = CODE.search(self.read_text(number, before))
        assert code is not None
        self._send(session, "sign-in/code", code=code[0])
        return session

    def _send(self, session: requests.Session, path: str, **form: str) -> None:
        page = session.get(f"{self.portal}/{path}", timeout=PATIENCE)
        form["csrf_token"] = read_token(page.text)
        session.post(f"{self.portal}/{path}", form, timeout=PATIENCE)

    def _count_texts(self, number: str) -> int:
        return sum(text.to == number for text in self.works.office.texts)

    def let_in(self, context: BrowserContext, number: str = NOORD, name: str = NAME) -> Page:
        """Sign a browser in without the post; return its first page."""
        services = build_services(self.works.settings, NoJobNotifier())
        site, at = build_portal(services), now()
        account = services.portal.find_by_name("main", number, name_key(name), at)
        assert account is not None
        way_in = services.portal.proofs.hash_address(account.addresses[0])
        owner = PortalOwner("main", number, name_key(name), way_in)
        key = PortalSessions(services.engine, LONG).begin(owner, at)
        services.engine.dispose()
        signer = site.session_interface.get_signing_serializer(site)
        cookie, host = signer.dumps({KEY: key}), str(urlsplit(self.portal).hostname)
        context.add_cookies(
            [{"name": "portal", "value": cookie, "domain": host, "path": "/portal"}]
        )
        page = context.new_page()
        page.goto(self.portal)
        return page


def read_token(page: str) -> str:
    """The proof that a form is ours, of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


class MailingWorks(Works):
    """Processes that send mail to a server of the test."""

    mail_port = 0

    def __init__(self, office: Office, folder: Path, database_url: str) -> None:
        super().__init__(office, folder, database_url)
        self.environment |= {
            "MAIL_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "MAIL_FROM": "Priority Line <line@example.org>",
        }


@contextmanager
def live(folder: Path, database_url: str, office: str = "open") -> Iterator[Live]:
    """Start the line with the contracts of the sample. Karin of Noord has a mail address and
    administers her contract."""
    file, postbox = write_line(folder, now().date(), {"DEMO_OFFICE": office}), Postbox()
    with mail_server(postbox) as port:
        kind = type("MailingWorks", (MailingWorks,), {"mail_port": port})
        with at_work(folder, file.read_text("utf-8"), database_url, kind) as works:
            works.office.number(TEXTS_FROM)
            take_in(works.engine, works.settings.pin_pepper, SAMPLE, now())
            _appoint_karin(works)
            yield Live(works, postbox)


def _appoint_karin(works: Works) -> None:
    store = ContractStore(works.engine, "main", ContractOrigin.IMPORT)
    stored = store.read(NOORD)
    assert stored is not None
    karin, *others = stored.contract.contacts
    karin = replace(karin, email=KARIN_MAIL, admin=True)
    after = replace(stored.contract, contacts=(karin, *others))
    entry = AuditEntry(now(), "root", "cli", "contracts.change")
    store.put([ContractChange(stored.contract, after)], entry)
