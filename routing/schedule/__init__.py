"""Time: who is on call, office hours, holidays, and the arithmetic of wall clocks."""
