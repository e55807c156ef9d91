"""The store's promises kept in memory, for tests and dry runs that need no database."""

from store.memory.book import MemoryBook
from store.memory.due import MemoryDue
from store.memory.people import MemoryPeople

__all__ = ["MemoryBook", "MemoryDue", "MemoryPeople"]
