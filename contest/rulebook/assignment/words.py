"""What dealing says: why there is no plan, and what a plan could not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from contest.rulebook.assignment.blocking import Blockage, Hunger
from contest.rulebook.assignment.plans import Blocking, Infeasible, Plan
from contest.rulebook.assignment.problem import Bar, Film, Problem
from contest.rulebook.assignment.table import Table
from contest.rulebook.sentences import Sentence

NAMED = 8
"""Longer lists of films or jurors are cut to so many names, and the rest counted."""

TOLD = 10
"""Further kinds of blocked film are counted only."""

LOOKED_AT = 50
"""So many of the films in the way are asked what bars whom."""


def blocked(problem: Problem, table: Table, found: Sequence[Blockage]) -> Infeasible:
    """No plan, since these films lack jurors."""
    films = [film for each in found for film in each.films + each.alike]
    worst = max(int(table.need[film]) for film in films)
    panel = len(problem.jurors)
    reasons: list[Sentence] = []
    if worst > panel:
        reasons = [_too_few(worst, panel)]
        films = [film for film in films if table.need[film] > panel]
    else:
        for each in found[:TOLD]:
            reasons += _why(problem, table, each)
        if len(found) > TOLD:
            reasons.append(_and_more(found[TOLD:]))
    return Infeasible(
        entries=tuple(sorted(table.films[film] for film in films)),
        reasons=tuple(reasons),
        blocking=_blocking(table, found),
    )


def uneven(
    problem: Problem, table: Table, found: Sequence[Blockage], lowest: int, gap: int
) -> Infeasible:
    """No plan with loads as even as asked; `gap` is the least they can be apart."""
    first = found[0]
    head = Sentence(
        "Loads can't be as even as asked. Screenings needed of these films: %(needed)s; what"
        " the jurors who may see them could take, with no more than %(most)s films each:"
        " %(available)s. Films: %(films)s. Jurors: %(jurors)s.",
        needed=first.needed * (1 + len(first.alike)),
        available=first.available * (1 + len(first.alike)),
        most=int(table.most[list(first.jurors)].max(initial=lowest)),
        films=_films(problem, table, first.films + first.alike),
        jurors=_jurors(problem, table, first.jurors),
    )
    advice = Sentence(
        "Allow loads to differ by %(gap)s films, invite more jurors who may see these films, or"
        " name what the jurors with few films take at most: then they don't count.",
        gap=gap,
    )
    return Infeasible(
        entries=tuple(sorted(table.films[film] for film in first.films + first.alike)),
        reasons=(head, *_barred(problem, table, first), advice),
        blocking=_blocking(table, found),
        evenest=gap,
    )


def underfed(problem: Problem, table: Table, short: Hunger) -> Infeasible:
    """No plan, since jurors ask for more films than there are for them."""
    reason = Sentence(
        "Screenings asked for at least: %(asked)s; screenings there are for these jurors:"
        " %(available)s. Jurors: %(jurors)s. Let them take fewer, or let more see each film.",
        asked=short.asked,
        available=short.available,
        jurors=_jurors(problem, table, short.jurors),
    )
    jurors = tuple(table.jurors[each] for each in short.jurors)
    return Infeasible((), (reason,), (Blocking((), jurors, short.asked, short.available),))


def notes(problem: Problem, table: Table, plan: Plan) -> Iterator[Sentence]:
    """What a plan could not have."""
    least, most = min(plan.loads.values(), default=0), max(plan.loads.values(), default=0)
    if not plan.balanced:
        yield Sentence(
            "Loads range from %(least)s to %(most)s films: who may see what, what jurors take at"
            " least and at most, and films dealt earlier leave no evener plan.",
            least=least,
            most=most,
        )
    over = [
        each.key
        for each in problem.jurors
        if each.maximum is not None and plan.loads[each.key] > each.maximum
    ]
    if over:
        yield Sentence(
            "What was given stays, also where it is more than a juror now takes: %(jurors)s.",
            jurors=_list(problem.juror_names.get(key, key) for key in over),
        )
    if len(plan.pieces) > 1:
        yield from _apart(problem, table, plan)


def _apart(problem: Problem, table: Table, plan: Plan) -> Iterator[Sentence]:
    yield Sentence(
        "Not all scores can be compared: these groups of jurors have no film in common, directly"
        " or by way of others: %(groups)s.",
        groups=_cut(
            [_list(problem.juror_names.get(key, key) for key in group) for group in plan.pieces],
            " | ",
        ),
    )
    screenings = sum(len(table.members(film)) for film in range(len(table.films)))
    films = sum(bool(table.members(film)) for film in range(len(table.films)))
    wanted = films + sum(len(group) for group in plan.pieces) - 1
    if screenings < wanted:
        yield Sentence(
            "To link them all takes at least %(wanted)s screenings, and there are %(screenings)s."
            " Deal each film to more jurors, or let fewer jurors sit.",
            wanted=wanted,
            screenings=screenings,
        )


def _too_few(needed: int, panel: int) -> Sentence:
    return Sentence(
        "Jurors still needed for each film: %(needed)s; jurors on the panel: %(panel)s."
        " Invite at least %(lacking)s more, or let fewer jurors see each film.",
        needed=needed,
        panel=panel,
        lacking=needed - panel,
    )


def _why(problem: Problem, table: Table, found: Blockage) -> Iterator[Sentence]:
    if len(found.films) > 1:
        yield Sentence(
            "Screenings needed of these films: %(needed)s; what the jurors who may see them can"
            " still take: %(available)s. Films: %(films)s. Jurors: %(jurors)s.",
            needed=found.needed,
            available=found.available,
            films=_films(problem, table, found.films),
            jurors=_jurors(problem, table, found.jurors),
        )
    elif found.jurors:
        yield Sentence(
            "Jurors still needed for each of these films: %(needed)s; jurors who may see them and"
            " can take more films: %(available)s. Films: %(films)s. Jurors: %(jurors)s.",
            needed=found.needed,
            available=found.available,
            films=_films(problem, table, found.films + found.alike),
            jurors=_jurors(problem, table, found.jurors),
        )
    else:
        yield Sentence(
            "Nobody may see these films, and each still needs %(needed)s jurors: %(films)s.",
            needed=found.needed,
            films=_films(problem, table, found.films + found.alike),
        )
    yield from _barred(problem, table, found)


def _barred(problem: Problem, table: Table, found: Blockage) -> Iterator[Sentence]:
    """What keeps all the other jurors from these films."""
    by_key = {each.key: each for each in problem.films}
    films = [by_key[table.films[film]] for film in found.films[:LOOKED_AT]]
    may = {table.jurors[each] for each in found.jurors}
    others = [each for each in problem.jurors if each.key not in may]
    bars = Counter(problem.bar(film, juror) for film in films for juror in others)
    if not bars:
        return
    languages = _languages(problem, films)
    if set(bars) == {Bar.LANGUAGE}:
        yield Sentence(
            "They can be followed in %(languages)s, which no other juror understands.",
            languages=languages,
        )
        return
    yield Sentence(
        "What keeps the other jurors from them, counted film by film: conflicts %(conflict)s,"
        " something in common %(tie)s, refusals %(refusal)s, languages (%(languages)s)"
        " %(language)s, dealt it already %(given)s.",
        languages=languages,
        **{str(bar): bars[bar] for bar in Bar},
    )


def _languages(problem: Problem, films: Iterable[Film]) -> str:
    """All languages in which one of the films can be followed."""
    codes = {code for film in films for code in film.languages | film.subtitles}
    return ", ".join(sorted(problem.tongues.get(code, code) for code in codes)) or "-"


def _blocking(table: Table, found: Sequence[Blockage]) -> tuple[Blocking, ...]:
    return tuple(
        Blocking(
            films=tuple(table.films[film] for film in each.films),
            jurors=tuple(table.jurors[juror] for juror in each.jurors),
            needed=each.needed,
            available=each.available,
            alike=tuple(table.films[film] for film in each.alike),
            smallest=each.smallest,
        )
        for each in found
    )


def _films(problem: Problem, table: Table, films: Sequence[int]) -> str:
    keys = (table.films[each] for each in films)
    return _list(problem.film_names.get(key, key) for key in keys)


def _jurors(problem: Problem, table: Table, jurors: Sequence[int]) -> str:
    keys = (table.jurors[each] for each in jurors)
    return _list(problem.juror_names.get(key, key) for key in keys)


def _list(names: Iterable[str]) -> str:
    return _cut(list(names), ", ")


def _cut(every: Sequence[str], between: str) -> str:
    """The first names, and how many there are where that is not all."""
    shown = between.join(every[:NAMED])
    return shown if len(every) <= NAMED else f"{shown}{between}… ({len(every)})"


def _and_more(found: Sequence[Blockage]) -> Sentence:
    return Sentence(
        "Further films that can't get their jurors: %(count)s.",
        count=sum(len(each.films) + len(each.alike) for each in found),
    )
