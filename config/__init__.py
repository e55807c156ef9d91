"""The files that people write: line.yaml, contracts.csv, calendars; read into values of routing."""
