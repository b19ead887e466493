"""What happens in judging: rounds, seats, score sheets, ballots, verdicts."""
