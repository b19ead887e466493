"""Who watches what, in which order."""

from contest.rulebook.assignment.dealing import Infeasible, Pair, Plan, assign

__all__ = ["Infeasible", "Pair", "Plan", "assign"]
