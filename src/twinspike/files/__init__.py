"""Files that people write: how they are read, and what is said about a mistake in one."""
