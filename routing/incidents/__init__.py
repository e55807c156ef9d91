"""The lifecycle of an incident, its response clock, and commands by text."""
