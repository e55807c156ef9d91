"""The line itself: pure values and decisions, free of clock, database and network."""
