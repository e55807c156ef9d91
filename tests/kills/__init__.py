"""The real processes, killed while an engineer is being rung."""
