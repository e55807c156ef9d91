"""The simulated phone company, judged from outside over real HTTP."""
