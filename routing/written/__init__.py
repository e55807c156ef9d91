"""What is written to people: notices and letters, by the ways that reach them and when they may."""
