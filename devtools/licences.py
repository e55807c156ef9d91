"""The licences of the installed packages: `python -m devtools.licences` prints all of them.

The container image keeps the output, because it distributes these packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions

import click

_LICENCE_FILE = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$", re.IGNORECASE)
_NAMES_LICENCE = "License :: OSI Approved :: "


def find_licence(package: Distribution) -> str:
    """The licence of a package as its metadata names it."""
    read_all = package.metadata.get_all
    classifiers = read_all("Classifier") or []
    named = [row.removeprefix(_NAMES_LICENCE) for row in classifiers if _NAMES_LICENCE in row]
    found = read_all("License-Expression") or named or read_all("License") or ["see its text"]
    return ", ".join(found).partition("\n")[0]


def read_texts(package: Distribution) -> Iterator[str]:
    """The licence texts that a package brings."""
    for file in package.files or []:
        if _LICENCE_FILE.search(str(file)) and file.locate().is_file():  # type: ignore[attr-defined]
            yield file.read_text("utf-8")


def list_packages() -> list[Distribution]:
    """The installed packages, by name."""
    return sorted(distributions(), key=lambda package: package.name.lower())


def main() -> None:
    """Print the table and the texts."""
    packages = list_packages()
    for package in packages:
        click.echo(f"{package.name} {package.version}: {find_licence(package)}")
    for package in packages:
        for text in read_texts(package):
            click.echo(f"\n{'=' * 78}\n{package.name} {package.version}\n\n{text.strip()}")


if __name__ == "__main__":
    main()
