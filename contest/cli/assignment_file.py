"""Reads what `contest assign` deals: the JSON file that docs/assignment.md describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from contest.cli.json_parts import FileRefused, Part, as_text, load, shown
from contest.rulebook.assignment import Film, Juror, Pair, Problem
from contest.rulebook.scoring import EFFECTS
from contest.rulebook.stages import ScreeningStage

LARGEST_TABLE = 100_000_000
"""Films times jurors, at a byte each about what a small machine has to spare."""
LARGEST_PANEL = 4_000
"""Jurors, those of earlier screenings included: pairs of them are counted, at 8 bytes each."""

TIES = ("team", "school", "employer", "country", "domain")
DETECTED = frozenset(("team", "school", "employer", "domain"))
"""What film and juror may not have in common, where the file doesn't say."""

PUBLIC_MAIL = frozenset(
    f"{name}.com"
    for name in (
        *("126", "163", "aol", "gmail", "googlemail", "hotmail", "icloud", "live", "mac", "mail"),
        *("me", "msn", "naver", "outlook", "protonmail", "qq", "sina", "sohu", "yahoo", "ymail"),
    )
) | {
    *("free.fr", "hotmail.fr", "laposte.net", "orange.fr", "outlook.fr", "wanadoo.fr", "yahoo.fr"),
    *("gmx.de", "gmx.net", "mail.ru", "proton.me", "web.de", "yahoo.co.jp", "yandex.ru"),
}
"""Providers with whom anybody may have an address: sharing one of these is nothing in common."""

NO_SHOW = "no-show"
STATES = {*(str(stage) for stage in ScreeningStage), NO_SHOW}


@dataclass(frozen=True)
class More:
    """Screenings to be dealt where they decide most: `batch` now of `budget`; `cut` films go on."""

    budget: int
    batch: int
    cut: int


@dataclass(frozen=True)
class AssignmentFile:
    """The problem a file states, the scores it holds by juror and film, and what it deals more."""

    problem: Problem
    scores: Mapping[Pair, float]
    more: More | None


@dataclass(frozen=True)
class _Earlier:
    """Screenings of earlier dealings, by what they mean for this one."""

    given: frozenset[Pair]
    waiting: frozenset[Pair]
    void: frozenset[Pair]
    scores: Mapping[Pair, float]


def read_assignment(path: Path) -> AssignmentFile:
    """What the file asks for. Raises `FileRefused`."""
    top = Part(load(path))
    film_rows, juror_rows = top.rows("films"), top.rows("jurors")
    _check_size(len(film_rows), len(juror_rows))
    detect = _detect(top)
    films = [_film(Part(each, f"films[{at}]"), detect) for at, each in enumerate(film_rows)]
    jurors = [_juror(Part(each, f"jurors[{at}]"), detect) for at, each in enumerate(juror_rows)]
    earlier = _earlier(top)
    known_films, known_jurors = _known(films, jurors, earlier)
    _check_size(len(known_films), len(known_jurors))
    declared = _conflicts(top, known_films, known_jurors)
    within, from_now = _loads(top)
    more = _more(top)
    per_film = _per_film(top)
    top.end()
    try:
        problem = Problem(
            films=tuple(film for film, _ in films),
            jurors=tuple(juror for juror, _ in jurors),
            per_film=per_film,
            conflicts=declared | earlier.void,
            given=earlier.given,
            waiting=earlier.waiting,
            within=within,
            from_now=from_now,
            film_names={film.key: name for film, name in films},
            juror_names={juror.key: name for juror, name in jurors},
        )
    except ValueError as trouble:
        raise FileRefused(f"{trouble}.") from trouble
    return AssignmentFile(problem, earlier.scores, more)


def _check_size(films: int, jurors: int) -> None:
    if films * jurors > LARGEST_TABLE or jurors > LARGEST_PANEL:
        raise FileRefused(
            f"has {films} films and {jurors} jurors, more than one plan can hold."
            " Deal them in several rounds."
        )


def _per_film(top: Part) -> int:
    number = top.number("per_film", least=1)
    if number is None:
        raise FileRefused("lacks 'per_film', how many jurors shall see each film.")
    return number


def _known(
    films: Sequence[tuple[Film, str]], jurors: Sequence[tuple[Juror, str]], earlier: _Earlier
) -> tuple[set[str], set[str]]:
    """Every film and juror the file has, also those who left; what jurors name is among them."""
    before = earlier.given | earlier.void
    known_films = {each.key for each, _ in films} | {film for _, film in before}
    for juror, _ in jurors:
        for film in sorted(juror.refuses | juror.wishes):
            _check_known(film, known_films, f"the juror {shown(juror.key)} refuses or wishes")
    return known_films, {each.key for each, _ in jurors} | {juror for juror, _ in before}


def _detect(top: Part) -> frozenset[str]:
    detect = top.texts("detect")
    if detect is None:
        return DETECTED
    if unknown := sorted(detect - set(TIES)):
        raise FileRefused(f"detect names {', '.join(unknown)}; it may name {', '.join(TIES)}.")
    return detect


def _film(part: Part, detect: frozenset[str]) -> tuple[Film, str]:
    key = part.text("id")
    film = Film(
        key=key,
        languages=part.texts("languages") or frozenset(),
        subtitles=part.texts("subtitles") or frozenset(),
        per_film=part.number("per_film"),
        ties=_ties(part, detect),
    )
    name = part.text_or("title", key)
    part.end()
    return film, name


def _juror(part: Part, detect: frozenset[str]) -> tuple[Juror, str]:
    key = part.text("id")
    juror = Juror(
        key=key,
        languages=part.texts("languages"),
        refuses=part.texts("refuses") or frozenset(),
        wishes=part.texts("wishes") or frozenset(),
        minimum=part.number("minimum") or 0,
        maximum=part.number("maximum"),
        ties=_ties(part, detect),
    )
    name = part.text_or("name", key)
    part.end()
    return juror, name


def _ties(part: Part, detect: frozenset[str]) -> frozenset[tuple[str, str]]:
    """What the film's people or the juror belong to, as far as that may not be in common."""
    found = {kind: part.texts(kind) or frozenset() for kind in TIES if kind != "domain"}
    emails = part.texts("emails") or frozenset()
    domains = {each.rpartition("@")[2].casefold() for each in emails} - PUBLIC_MAIL
    found["domain"] = frozenset(domains)
    return frozenset(
        (kind, " ".join(each.casefold().split()))
        for kind, every in found.items()
        if kind in detect
        for each in every
    )


def _earlier(top: Part) -> _Earlier:
    """What was dealt before: screenings that stand, that wait, and that fill no place."""
    given: set[Pair] = set()
    waiting: set[Pair] = set()
    void: set[Pair] = set()
    scores: dict[Pair, float] = {}
    for at, row in enumerate(top.rows("existing")):
        part = Part(row, f"existing[{at}]")
        pair = part.text("juror"), part.text("film")
        state, score = part.text_or("state", str(ScreeningStage.SCORED)), part.amount("score")
        part.end()
        if state not in STATES:
            raise FileRefused(f"{part.where}.state may be {', '.join(sorted(STATES))}.")
        if pair in given | void:
            raise FileRefused(f"existing deals {shown(pair[1])} to {shown(pair[0])} twice.")
        if state == NO_SHOW or not EFFECTS[ScreeningStage(state)].load:
            void.add(pair)
            continue
        given.add(pair)
        if EFFECTS[ScreeningStage(state)].owed:
            waiting.add(pair)
        if score is not None and EFFECTS[ScreeningStage(state)].mean:
            scores[pair] = score
    return _Earlier(frozenset(given), frozenset(waiting), frozenset(void), scores)


def _conflicts(top: Part, films: set[str], jurors: set[str]) -> frozenset[Pair]:
    """Declared conflicts, each `{"juror": …, "film": …}` or `[juror, film]`."""
    found = set()
    for at, row in enumerate(top.rows("conflicts")):
        where = f"conflicts[{at}]"
        if isinstance(row, list) and len(row) == 2:
            pair = as_text(row[0], where), as_text(row[1], where)
        else:
            part = Part(row, where)
            pair = part.text("juror"), part.text("film")
            part.text_or("why", "-")
            part.end()
        _check_known(pair[0], jurors, f"{where} names the juror")
        _check_known(pair[1], films, f"{where} names the film")
        found.add(pair)
    return frozenset(found)


def _check_known(key: str, known: set[str], where: str) -> None:
    if key not in known:
        near = get_close_matches(key, known, 1)
        hint = f" Did you mean {shown(near[0])}?" if near else ""
        raise FileRefused(f"{where} {shown(key)}, who or which is nowhere else in the file.{hint}")


def _loads(top: Part) -> tuple[int | None, bool]:
    """How far loads may differ (None: as little as can be), and whether the past counts in them."""
    part = top.part("loads")
    if part is None:
        return 1, False
    within = part.number("within", least=1)
    if within is None and not part.null("within"):
        within = 1
    count = part.text_or("count", "all")
    part.end()
    if count not in {"all", "new"}:
        raise FileRefused(f"loads.count must be 'all' or 'new', not {shown(count)}.")
    return within, count == "new"


def _more(top: Part) -> More | None:
    part = top.part("adaptive")
    if part is None:
        return None
    budget, cut = part.number("budget"), part.number("cut", least=1)
    batch = part.number("batch", least=1)
    part.end()
    if budget is None or cut is None:
        raise FileRefused("adaptive lacks 'budget' (screenings to deal) or 'cut' (films going on).")
    return More(budget, budget if batch is None else min(batch, budget), cut)
