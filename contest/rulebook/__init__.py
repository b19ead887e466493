"""The rules of a competition, in plain Python: no clock, no disk, no framework."""
