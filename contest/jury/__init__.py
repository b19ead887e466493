"""Rounds, seats, screenings, ballots and standings."""
