"""The workflow file: how it is read, what it may say, and what it says in plain sentences."""
