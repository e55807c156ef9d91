"""How far an incident has come, and how long there is for it."""
