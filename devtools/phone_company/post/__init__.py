"""The company's outgoing requests: what it tells the line, signed, timed and retried."""
