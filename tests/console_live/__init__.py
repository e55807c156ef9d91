"""The console of the real processes, walked through while telephones ring."""
