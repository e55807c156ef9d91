"""How far an incident has come since somebody has it: its states, its clock, what is said of it."""
