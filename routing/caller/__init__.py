"""The caller: from the first word to the end of the call, and what the telephone says."""
