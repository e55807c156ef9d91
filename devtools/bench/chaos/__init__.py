"""Real faults: the real processes killed at random while the simulated company calls them."""
