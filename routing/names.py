"""Names as people write them: one spelling is kept, and another spelling is the same name.

Macs write é as two characters, telephones write spaces that do not break, and no screen shows
either. Names are tidied where they are read and compared by their key everywhere.
"""

from __future__ import annotations

import re
import unicodedata

_BLANKS = re.compile(r"\s+")


def tidy(text: str) -> str:
    """The words in one spelling: composed characters, single blanks, nothing invisible."""
    visible = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", visible)).strip()


def name_key(text: str) -> str:
    """What two spellings of one name have in common, capitals and wide characters included."""
    folded = unicodedata.normalize("NFKC", tidy(text)).casefold()
    return unicodedata.normalize("NFC", folded)
