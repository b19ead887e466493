"""What a round's method means, in a sentence for whoever enters a film."""

from __future__ import annotations

from collections.abc import Mapping

from contest.rulebook.sentences import Sentence

METHOD_WORDS: Mapping[str, Sentence] = {
    "mean": Sentence("A film’s score is the weighted mean of its jurors’ marks."),
    "trimmed": Sentence(
        "A film’s score is the weighted mean of its jurors’ marks, without the highest and the"
        " lowest on each criterion."
    ),
    "sum": Sentence("A film’s score is the weighted sum of its jurors’ marks."),
    "mixed": Sentence(
        "A film’s score is the weighted mean of its jurors’ marks, corrected for how mild or severe"
        " each of them is with all films, and drawn towards the mean film as far as few have marked"
        " it."
    ),
    "robust": Sentence(
        "A film’s score is the weighted mean of its jurors’ marks, corrected for how mild or severe"
        " each of them is with all films, and drawn towards the mean film as far as few have marked"
        " it; jurors whose marks scatter weigh less."
    ),
    "copeland": Sentence(
        "Films meet two by two, and each juror is for the one that they marked higher. A film’s"
        " score is the number of such duels it wins; a drawn one counts half."
    ),
    "schulze": Sentence(
        "Films meet two by two, and each juror is for the one that they marked higher. A film’s"
        " score is the number of films it beats by the strongest chain of such duels (Schulze)."
    ),
    "irv": Sentence(
        "Each juror’s marks make an order of films. The film that comes first for fewest jurors"
        " goes out, again and again, until one is left (instant-runoff)."
    ),
}


def tie_words(rule: str, label: str = "") -> Sentence:
    """What a rule of the tie chain looks at; `label` is the criterion's, where it has one."""
    if rule == "countback":
        return Sentence("more of the best marks")
    if rule == "more_ballots":
        return Sentence("more signed ballots")
    if rule == "head_to_head":
        return Sentence("more jurors for it, film against film")
    return Sentence("the better mean on %(criterion)s", criterion=label)
