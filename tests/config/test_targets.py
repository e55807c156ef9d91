"""What the line is measured by, as a file says it."""

import datetime as dt

import pytest

from config.line import parse_line_file
from config.reader import FileError
from routing.service_levels import FigureRules
from tests.config.test_retention import PAPER, line

MISTAKES = [
    ("per_person: maybe", r"figures\.per_person: must be one of true, false"),
    ("goal: 0%", r"figures\.goal: must be a share from 1% to 100%"),
    ("goal: 80", r"figures\.goal: must be a share from 1% to 100%"),
    ("goal: 101%", r"figures\.goal"),
    ("answer_within: soon", r"figures\.answer_within: must be a length of time"),
    ("answer_within: 0s", r"figures\.answer_within"),
    ("per_engineer: true", r"figures\.per_engineer: is not a field"),
]


def test_nobody_is_counted_by_name_unless_the_file_says_so():
    assert line().figures == FigureRules()
    assert not line().figures.per_person
    assert line("figures: {per_person: true}").figures.per_person


def test_a_line_has_its_own_time_and_goal():
    figures = line("figures: {answer_within: 2m, goal: 95%}").figures
    assert figures == FigureRules(dt.timedelta(minutes=2), 95, per_person=False)


@pytest.mark.parametrize(("written", "message"), MISTAKES)
def test_each_mistake_is_named_with_its_line(written, message):
    with pytest.raises(FileError, match=message) as caught:
        parse_line_file(f"{PAPER}figures: {{{written}}}\n", lambda pin, _: pin)
    assert [finding.line for finding in caught.value.findings] == [12]
