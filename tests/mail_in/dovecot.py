"""A real IMAP server (Dovecot) with TLS and one mailbox, as a user of its own, for tests."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from imapclient import IMAPClient

from devtools.processes.ports import free_ports
from devtools.processes.tied import tied_to_us
from tests.mail_server import Certificate, make_certificate

PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
MISSING = "Dovecot is not installed here: the tests of the mailbox are skipped."
USER, PASSWORD = "line", "geheim@wacht/woord"
LOGIN = "line:geheim%40wacht%2Fwoord"

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{folder}/mail
mail_fsync = never
mailbox_list_index = yes
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = yes
passdb {{
  driver = static
  args = password={{PLAIN}}{password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {plain}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls}
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A server that runs: its ports, the certificate to trust, and its process."""

    plain: int
    tls: int
    certificate: Certificate
    folder: Path

    @property
    def url(self) -> str:
        """The mailbox, encrypted from the first byte."""
        return f"imaps://{LOGIN}@localhost:{self.tls}/INBOX"

    @property
    def starttls_url(self) -> str:
        """The mailbox, with STARTTLS."""
        return f"imap://{LOGIN}@localhost:{self.plain}"

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """A mail program of our own that sees the same mailbox."""
        from carrier.outbound import build_tls_context

        client = IMAPClient("localhost", self.tls, ssl_context=build_tls_context(), timeout=20)
        client.login(USER, PASSWORD)
        try:
            yield client
        finally:
            with suppress(Exception):
                client.logout()

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the inbox."""
        with self.client() as client:
            for mail in mails:
                client.append("INBOX", mail)

    def count(self, folder: str = "INBOX") -> int:
        """How many mails a folder holds."""
        with self.client() as client:
            if not client.folder_exists(folder):
                return 0
            return client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"]

    def empty(self) -> None:
        """Delete every mail."""
        with self.client() as client:
            for folder in ("INBOX", "Handled"):
                if client.folder_exists(folder):
                    client.select_folder(folder)
                    client.delete_messages(client.search() or [1])
                    client.expunge()


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Dovecot until the end; as root it runs as ``nobody``, who owns its folder. That is no folder
    of pytest: each session takes away the access of other users to those of all sessions."""
    with TemporaryDirectory(prefix="dovecot-") as folder, _running(Path(folder)) as server:
        yield server


@contextmanager
def _running(folder: Path) -> Iterator[Dovecot]:
    run_as = pwd.getpwuid(os.geteuid())
    if run_as.pw_uid == 0:
        run_as = pwd.getpwnam("nobody")
    certificate = make_certificate(folder, "localhost", "127.0.0.1")
    plain, tls = free_ports(2)
    config = folder / "dovecot.conf"
    config.write_text(
        CONFIG.format(
            folder=folder, user=run_as.pw_name, group=grp.getgrgid(run_as.pw_gid).gr_name,
            uid=run_as.pw_uid, gid=run_as.pw_gid, certificate=certificate.file,
            key=certificate.key, plain=plain, tls=tls, password=PASSWORD,
        )
    )  # fmt: skip
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, run_as.pw_uid, run_as.pw_gid)
    other = {"user": run_as.pw_uid, "group": run_as.pw_gid} if os.geteuid() == 0 else {}
    process = subprocess.Popen(
        [PROGRAM, "-F", "-c", str(config)], cwd=folder, preexec_fn=tied_to_us(), **other
    )
    try:
        _wait_for(process, tls, folder)
        yield Dovecot(plain, tls, certificate, folder)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"Dovecot ended: {(folder / 'log').read_text()[-2000:]}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("Dovecot opens no port")
