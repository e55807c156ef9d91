"""Who is rung for an incident, in which order, and who wins it."""
