"""Many exceptions are looked up as if they had been read through one after the other."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.line import Override
from routing.oncall.local_time import ZonedMoment
from routing.oncall.rota import in_force

ZONE = "Europe/Amsterdam"
ORIGIN = dt.datetime.fromisoformat("2026-10-20")
QUARTER = dt.timedelta(minutes=15)


@st.composite
def overrides(draw):
    """From none to more than are worth looking up; long, short, empty, local and with offsets."""
    times = draw(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 400)), max_size=120))
    offsets = draw(st.integers(1, 5))
    found = []
    for place, (start, length) in enumerate(times):
        begins, ends = ORIGIN + start * QUARTER, ORIGIN + (start + length) * QUARTER
        aware = [at.replace(tzinfo=dt.UTC) for at in (begins, ends)]
        kinds = [(begins, ends), tuple(aware), (begins, aware[1]), (aware[0], ends)]
        found.append(Override(*kinds[place % offsets % 4], add=str(place)))
    return tuple(found)


@settings(max_examples=50, deadline=None)
@given(overrides(), st.lists(st.integers(-10, 1400), min_size=1, max_size=20))
def test_what_is_looked_up_is_what_a_plain_scan_finds(windows, quarters):
    for quarter in quarters:
        now = ZonedMoment.at((ORIGIN + quarter * QUARTER).replace(tzinfo=dt.UTC), ZONE)
        assert in_force(windows, now) == [o for o in windows if now.within(o.start, o.end)]


def test_equal_schedules_that_were_read_twice_do_not_get_in_each_others_way():
    now = ZonedMoment.at(ORIGIN.replace(tzinfo=dt.UTC), ZONE)
    for add in ("sanne", "joris"):
        windows = tuple(Override(ORIGIN, ORIGIN + QUARTER * 20, add=add) for _ in range(40))
        assert {o.add for o in in_force(windows, now)} == {add}
