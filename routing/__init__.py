"""The line itself: pure values and decisions, free of clock, database and network."""

from routing.oncall.zonedata import use_packaged_zones

# Every process and every test imports this package before it turns a local time.
use_packaged_zones()
