"""The portal in a real browser, on a line with all processes, a mail server and a phone company."""
