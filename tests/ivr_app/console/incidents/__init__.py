"""The incidents of the console."""
