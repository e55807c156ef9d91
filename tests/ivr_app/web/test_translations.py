"""Every sentence of a site is there in each language, is used, and stands in no template."""

import re
import string

import pytest

from ivr_app.web.i18n import FRONT_DOOR, LANGUAGES, list_text_files, load_catalogue

SITES = [FRONT_DOOR / site for site in ("web", "console", "portal")]
TEMPLATES = sorted(file for site in SITES for file in site.rglob("*.html"))
SOURCES = [*TEMPLATES, *sorted(file for site in SITES for file in site.rglob("*.py"))]
QUOTED = re.compile(r"""["']([a-z_]+(?:\.[\w-]+)*\.?)["']""")
BEGUN = re.compile(r"""f["']([a-z_]+\.(?:[\w-]+\.)*){""")
SPOKEN_ATTRIBUTES = re.compile(r"""\b(?:aria-label|title|placeholder|alt|data-label)="([^"]*)\"""")


def holes(words):
    """The names of what is filled in."""
    sentences = words if isinstance(words, list) else [words]
    return {name for one in sentences for _, name, _, _ in string.Formatter().parse(one) if name}


def test_each_sentence_is_there_in_each_language_with_the_same_holes():
    for key, said in load_catalogue().items():
        assert set(said) == set(LANGUAGES), key
        first, *others = said.values()
        for other in others:
            assert type(other) is type(first), key
            assert holes(other) == holes(first), key
            assert not isinstance(first, list) or len(other) == len(first), key


def test_every_sentence_is_used_and_every_sentence_used_is_there():
    texts = [file.read_text() for file in SOURCES]
    quoted = {found for text in texts for found in QUOTED.findall(text) + BEGUN.findall(text)}
    sections = {key.split(".")[0] for key in load_catalogue()}
    whole = {one for one in quoted if one.split(".")[0] in sections and not one.endswith(".")}
    begun = tuple(one for one in quoted if one.endswith("."))
    by_name = (".nav", ".action.", ".field.", ".hint.")
    idle = [
        key
        for key in load_catalogue()
        if key not in whole and not key.startswith(begun) and not any(n in key for n in by_name)
    ]
    asked = re.compile(r"""\bt\(\s*["']([\w.]+[\w])["']\s*[,)]""")
    missing = [
        f"{file.relative_to(FRONT_DOOR)}: {key}"
        for file in SOURCES
        for key in asked.findall(file.read_text())
        if key not in load_catalogue()
    ]
    assert (idle, missing) == ([], [])


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(FRONT_DOOR)))
def test_no_template_speaks_a_language_of_its_own(file):
    text = re.sub(r"{#.*?#}", "", file.read_text(), flags=re.DOTALL)
    text = re.sub(r"{{.*?}}|{%.*?%}", "", text, flags=re.DOTALL)
    attributes = [said for said in SPOKEN_ATTRIBUTES.findall(text) if said.strip()]
    shown = re.sub(r"""<[^>]*>|[\w-]+="[^"]*\"""", " ", text)
    assert (attributes, re.findall(r"[A-Za-z]{2,}", shown)) == ([], [])


def test_each_file_of_sentences_belongs_to_a_page():
    pages = {file.parent for file in list_text_files()} - set(SITES)
    assert all((page / "__init__.py").exists() for page in pages)
