"""Reasons for a failed call or text: the carrier's error code and the SIP code."""

from __future__ import annotations

import re

_ERROR = re.compile(r"[1-9]\d{4}", re.ASCII)
_SIP = re.compile(r"[3-6]\d\d", re.ASCII)
_CODE = re.compile(r"\b([1-9]\d{4}|[3-6]\d\d)\b", re.ASCII)
OTHER_CODE = "other"


def describe_failure(error: str, sip: str) -> str | None:
    """The reason in words, as it is stored and shown; None without a failure code."""
    parts = []
    if _ERROR.fullmatch(error.strip()):
        parts.append(f"error {error.strip()}")
    if _SIP.fullmatch(sip.strip()):
        parts.append(f"SIP {sip.strip()}")
    if not parts:
        return None
    return f"the carrier says: {', '.join(parts)}"


def find_code(reason: str | None) -> str:
    """The first code in a reason, for counters; ``other`` without a code."""
    found = _CODE.search(reason or "")
    if found is None:
        return OTHER_CODE
    return found[1]
