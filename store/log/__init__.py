"""What happened: calls, incidents, messages, recordings, and how they are read and found."""
