"""The command line: what duty managers and operators do with a line."""
