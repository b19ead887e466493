"""Everything that touches the world outside: files, processes, letters, jobs."""
