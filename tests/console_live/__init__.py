"""Browser tests of every page of the console, on a line with calls."""
