"""The use cases that web, workers and command line share."""
