"""The phone company: the only room that knows the carrier's protocol."""
