"""The memory of the line: what was decided, who the people are, and what must still be done."""
