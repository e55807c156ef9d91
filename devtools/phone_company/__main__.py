"""Runs the simulated phone company as a process: `priority-line simulator --number +31…`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from devtools.phone_company.clock import ManualClock
from devtools.phone_company.company import Account, Company
from devtools.phone_company.dialects import TWILIO
from devtools.phone_company.dialects.signalwire import SIGNALWIRE
from devtools.phone_company.dialects.telnyx import TELNYX
from devtools.phone_company.numbers import point
from devtools.phone_company.premises import Premises

DIALECTS = {dialect.name: dialect for dialect in (TWILIO, SIGNALWIRE, TELNYX)}


def build_parser() -> argparse.ArgumentParser:
    """Build the reader of the command line; the help of `priority-line` names its options too."""
    parser = argparse.ArgumentParser(prog="priority-line simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--account", default=Account.sid)
    parser.add_argument("--token", default=Account.token)
    parser.add_argument("--dialect", default="twilio", choices=sorted(DIALECTS))
    parser.add_argument(
        "--signing-key", default=Account.signing, help="any text; of companies other than Twilio"
    )
    parser.add_argument("--key", default="", help="an API key accepted beside the token")
    parser.add_argument("--secret", default="")
    parser.add_argument("--number", action="append", default=[], help="repeat for several")
    parser.add_argument("--voice-url", default="")
    parser.add_argument("--voice-fallback-url", default="")
    parser.add_argument("--status-url", default="")
    parser.add_argument("--sms-url", default="")
    parser.add_argument("--manual", action="store_true", help="time stands still until advanced")
    parser.add_argument("--speech", type=float, default=1.0, help="0: speech takes no time")
    return parser


def read_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    return build_parser().parse_args(arguments)


async def run(options: argparse.Namespace) -> None:
    """Keep the company open until the process is told to stop."""
    account = Account(
        options.account,
        options.token,
        options.key,
        options.secret,
        options.speech,
        options.signing_key,
        DIALECTS[options.dialect],
    )
    company = Company(account, ManualClock() if options.manual else None)
    for phone_number in options.number:
        point(
            company.number(phone_number),
            {
                "voice_url": options.voice_url,
                "voice_fallback_url": options.voice_fallback_url,
                "status_callback": options.status_url,
                "sms_url": options.sms_url,
            },
        )
    premises = Premises(company)
    for stop in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(stop, company.closing.set)
    sys.stdout.write(f"{await premises.open(options.port)}\n")
    if account.dialect is not TWILIO:
        shown = account.dialect.show_key(account.signing)
        sys.stdout.write(f"CARRIER={account.dialect.name} CARRIER_SIGNING_KEY={shown}\n")
    sys.stdout.flush()
    await company.closing.wait()
    await premises.close()


if __name__ == "__main__":
    asyncio.run(run(read_arguments()))
