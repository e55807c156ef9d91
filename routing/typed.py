"""What people type, in one spelling: telephones write the same words in many ways.

Curly quotes, full-width digits, accents in two characters and characters that nobody sees look the
same to whoever typed them, so they are made the same before anything is read.
"""

from __future__ import annotations

import re
import unicodedata

_TYPED = {
    **dict.fromkeys("‘’‚‛′´`ʼʹ＇", "'"),
    **dict.fromkeys("“”„‟″«»‹›〝〞＂", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
}
_TABLE = str.maketrans(_TYPED)
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters without a shape that Unicode counts as letters, marks or symbols."""
_SKIN = range(0x1F3FB, 0x1F400)

THUMBS = "👍👌✅✔☑🆗"
"""Pictures that say yes."""

_SAID = re.compile(rf"[^\W_]|[{THUMBS}]")


def one_spelling(text: str) -> str:
    """The text in compatibility form C, with plain quotes and dashes, without characters that
    nobody sees, and with single blanks. Never raises."""
    seen = "".join(_shown(c) for c in text).translate(_TABLE)
    return " ".join(unicodedata.normalize("NFKC", seen).split())


def says_something(text: str) -> bool:
    """False for a picture, a blank, full stops, or signs that mean neither yes nor no."""
    return _SAID.search(text) is not None


def _shown(character: str) -> str:
    """The character; a blank for a control character; nothing for what has no shape."""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    variation = 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF
    unseen = category in ("Cf", "Cs") or character in _UNSEEN
    return "" if unseen or variation or ord(character) in _SKIN else character
