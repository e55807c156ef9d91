"""Mail as a door of the line: what comes in is read, bound to a contact and put into its thread."""
