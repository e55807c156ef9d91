"""Many shifts are looked up as if they had been read through one after the other."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.line import EVERY_DAY, Hours, Shift
from routing.oncall.hours import covers
from routing.oncall.rota import covering

QUARTER = dt.timedelta(minutes=15)
MONDAY = dt.datetime.fromisoformat("2026-11-23")
quarters = st.integers(0, 95).map(lambda quarter: (MONDAY + quarter * QUARTER).time())
weekdays = st.lists(st.sampled_from(EVERY_DAY), min_size=1, unique=True).map(tuple)
shifts = st.builds(Shift, st.just(("sanne",)), hours=st.builds(Hours, weekdays, quarters, quarters))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(shifts, min_size=1, max_size=60).map(tuple), st.lists(st.integers(0, 671), min_size=1)
)
def test_what_is_looked_up_is_what_a_plain_scan_finds(shifts, quarters):
    for quarter in quarters:
        now = MONDAY + quarter * QUARTER
        plain = [shift for shift in shifts if covers(shift.hours, now)]
        assert covering(shifts, now) == plain
        assert covering(shifts * 40, now) == plain * 40
