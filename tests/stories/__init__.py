"""Whole calls, told as stories: through the simulated company, over HTTP, with the real SDK."""
