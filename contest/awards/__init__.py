"""Prizes conferred on frozen standings, and their publication."""
