"""Readers of line.yaml, contracts.csv and calendars, and the checks of what they say."""
