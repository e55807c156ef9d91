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
