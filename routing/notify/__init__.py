"""What is written to people, by which channel, and when."""
