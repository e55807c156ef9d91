"""Two hosts in networks of their own, of which one is cut off and killed."""
