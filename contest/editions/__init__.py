"""Editions and their versioned rules."""
