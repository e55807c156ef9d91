"""The whole line on one machine, with a phone company to call it through and a page to watch."""
