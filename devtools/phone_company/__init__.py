"""A whole phone company that speaks the carrier's protocol and knows nothing of the line."""
