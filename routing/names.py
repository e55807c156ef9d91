"""Names as people write them: one spelling is kept, and another spelling is the same name.

Macs write é as two characters, telephones write spaces that do not break, and no screen shows
either. Names are tidied where they are read and compared by their key everywhere.
"""

from __future__ import annotations

import re
import unicodedata

_BLANKS = re.compile(r"[^\S\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
"""Not the ends of lines: a name has none, and says so."""
_KEYS = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    (*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63), "-"
)
"""Wide characters, and dashes of every length, as keys of a plain keyboard."""


def tidy(text: str) -> str:
    """The words in one spelling: composed characters, single blanks, nothing invisible."""
    if text.isascii():
        return _BLANKS.sub(" ", text).strip()
    visible = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", visible)).strip()


def plain(text: str) -> str:
    """A number as it would be typed on a plain keyboard: wide figures, dashes of every length and
    spaces that do not break are read, and what nobody sees is left out. Other figures stay."""
    return tidy(text).translate(_KEYS)


def name_key(text: str) -> str:
    """What two spellings of one name have in common, capitals and wide characters included."""
    return tidy(unicodedata.normalize("NFKC", tidy(text)).casefold())


# What people type, in one spelling: telephones write the same words in many ways. Curly quotes,
# full-width digits, accents in two characters and characters that nobody sees look the same to
# whoever typed them, so they are made the same before anything is read.


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
