"""Writes the pages that are made from the code: ``make reference``."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from devtools.reference.commands import write_commands
from devtools.reference.line_yaml import write_fields, write_schema
from devtools.reference.settings import write_settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MARK = "<!-- What follows is made by `make reference`. -->\n"


def write_pages() -> dict[Path, str]:
    """The text of each file that is made, wholly or from its mark on."""
    example = (DOCS / "line.example.yaml").read_text("utf-8")
    schema = write_schema(example, find_site_address())
    return {
        DOCS / "line.schema.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n",
        **_write_after_mark("configure/line-yaml.md", write_fields(example)),
        **_write_after_mark("configure/settings.md", write_settings()),
        **_write_after_mark("operate/command-options.md", write_commands()),
    }


def find_site_address() -> str:
    """The address of the site, which an organisation changes in one place."""
    found = re.search(r"^site_url: (\S+)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError("mkdocs.yml has no site_url")
    return found[1]


def _write_after_mark(name: str, made: str) -> dict[Path, str]:
    head, _, _ = (DOCS / name).read_text("utf-8").partition(MARK)
    return {DOCS / name: f"{head}{MARK}\n{made.rstrip()}\n"}


def main() -> None:
    """Write what has changed, and print its names."""
    for file, text in write_pages().items():
        if not file.exists() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8")
            sys.stdout.write(f"{file.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
