"""Who is on call, and the arithmetic of local time."""
