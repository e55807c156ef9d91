"""The store's promises kept in memory, for tests and dry runs that need no database."""
