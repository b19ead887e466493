"""Who watches what, in which order."""

from contest.rulebook.assignment.adaptive import Belief, deal_more
from contest.rulebook.assignment.beliefs import Believed, believed
from contest.rulebook.assignment.dealing import deal
from contest.rulebook.assignment.plans import Blocking, Infeasible, Plan
from contest.rulebook.assignment.problem import Bar, Film, Juror, Pair, Problem

__all__ = [
    "Bar",
    "Belief",
    "Believed",
    "Blocking",
    "Film",
    "Infeasible",
    "Juror",
    "Pair",
    "Plan",
    "Problem",
    "believed",
    "deal",
    "deal_more",
]
