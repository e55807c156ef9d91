"""The errands: what the line decided is done here, soon after, and again until it is done."""
