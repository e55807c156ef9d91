"""The figures of a line, as the console draws them and the command line prints them."""
