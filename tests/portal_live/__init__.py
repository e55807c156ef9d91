"""Browser tests of the portal, on a line with all processes and simulated telephones."""
