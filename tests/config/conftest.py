"""The example of the specification, and ways to read it with something changed."""

from pathlib import Path

import pytest

from config.line import parse_line_file
from config.reader import FileError

EXAMPLE = (Path(__file__).parent / "example.yaml").read_text("utf-8")
MISSING = """\
  - {id: secondary, shifts: [{people: [joris]}]}
  - {id: desk, shifts: [{people: [sanne]}]}
"""


def hashed(pin, owner):
    """Stands for the slow hash of a PIN."""
    return f"hash-of-{len(pin)}-digits"


@pytest.fixture
def as_it_stands():
    """The example as the specification prints it: two schedules that it rings are not in it."""
    return EXAMPLE


@pytest.fixture
def example(as_it_stands):
    """The example with the two schedules added."""
    return as_it_stands.replace("escalation:  ", MISSING + "escalation:  ", 1)


@pytest.fixture
def read():
    """Reads a text into a paper."""
    return lambda text: parse_line_file(text, hashed)


@pytest.fixture
def wrong(example, read):
    """What is found wrong when something in the example is changed into something else."""

    def find(old, new):
        assert example.count(old) == 1, f"{old!r} stands {example.count(old)} times in the example"
        with pytest.raises(FileError) as caught:
            read(example.replace(old, new))
        line = example[: example.index(old)].count("\n") + 1
        return [(f.line - line, f.field, f.message) for f in caught.value.findings]

    return find
