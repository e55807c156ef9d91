"""The people of the console: their accounts, where they are signed in, and what they changed."""
