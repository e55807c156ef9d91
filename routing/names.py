"""Normalisation of names and texts: different spellings of one name are the same name.

A Mac writes é as two characters, and a telephone writes no-break spaces; no screen shows the
difference. Names are tidied where they are read, and compared by their key.
"""

from __future__ import annotations

import re
import unicodedata

_BLANKS = re.compile(r"[^\S\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
"""All blanks but line ends, which no name may contain."""
_KEYS = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    (*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63), "-"
)
"""Wide characters, and dashes of every length, to the keys of a plain keyboard."""


def tidy(text: str) -> str:
    """The text with composed characters and single blanks, without invisible characters."""
    if text.isascii():
        return _BLANKS.sub(" ", text).strip()
    visible = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", visible)).strip()


def plain(text: str) -> str:
    """A number as typed on a plain keyboard. Wide digits, dashes of every length and no-break
    spaces are converted; invisible characters are dropped. Other digits stay."""
    return tidy(text).translate(_KEYS)


def name_key(text: str) -> str:
    """The key of a name: the same for all its spellings, in capitals or wide characters."""
    if text.isascii():
        return tidy(text.lower())  # which has one form only
    return tidy(unicodedata.normalize("NFKC", tidy(text)).casefold())


_TYPED = {
    **dict.fromkeys("‘’‚‛′´`ʼʹ＇", "'"),
    **dict.fromkeys("“”„‟″«»‹›〝〞＂", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
}
_TABLE = str.maketrans(_TYPED)
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Invisible characters that Unicode counts as letters, marks or symbols."""
_SKIN = range(0x1F3FB, 0x1F400)

THUMBS = "👍👌✅✔☑🆗"
"""Pictures that say yes."""

_SAID = re.compile(rf"[^\W_]|[{THUMBS}]")


def unify_spelling(text: str) -> str:
    """The text in Unicode form NFKC, with plain quotes and dashes and single blanks, without
    invisible characters. Telephones write the same words in many ways. Never raises."""
    seen = "".join(_shown(c) for c in text).translate(_TABLE)
    return " ".join(unicodedata.normalize("NFKC", seen).split())


def has_words(text: str) -> bool:
    """False for a text of pictures, blanks or punctuation that mean neither yes nor no."""
    return _SAID.search(text) is not None


def _shown(character: str) -> str:
    """The character. A blank for a control character; nothing for an invisible one."""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    variation = 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF
    unseen = category in ("Cf", "Cs") or character in _UNSEEN
    if unseen or variation or ord(character) in _SKIN:
        return ""
    return character
