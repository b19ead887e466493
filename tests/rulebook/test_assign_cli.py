"""`contest assign`: plans from a file, the films that block each other, and words for odd files."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from contest.cli import main

Problem = dict[str, Any]

KOREAN: Problem = {
    "per_film": 2,
    "films": [
        {"id": "aube", "title": "Aube", "languages": ["fr"], "subtitles": ["en"]},
        {"id": "bada", "title": "Bada", "languages": ["ko"]},
        {"id": "calm"},
        {"id": "dune", "languages": ["en-GB"]},
    ],
    "jurors": [
        {"id": "ana", "name": "Ana", "languages": ["en", "ko"]},
        {"id": "bo", "name": "Bo", "languages": ["ko", "EN"]},
        {"id": "cy", "name": "Cy", "languages": ["en"]},
        {"id": "di", "name": "Di"},
    ],
    "conflicts": [["di", "bada"], {"juror": "cy", "film": "calm", "why": "an old friend"}],
}


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Writes the problem to a file and calls the command: exit code, what it said, and to whom."""

    def called(problem: object, *options: str) -> tuple[int, str, str]:
        path = tmp_path / "problem.json"
        text = problem if isinstance(problem, str) else json.dumps(problem)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        code = main(["assign", str(path), *options])
        said = capsys.readouterr()
        return code, said.out, said.err.replace(str(path), "FILE")

    return called


def planned(call: Any, problem: Problem, *options: str) -> dict[str, Any]:
    code, out, err = call(problem, "--json", *options)
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def screenings(plan: dict[str, Any]) -> set[tuple[str, str]]:
    return {(juror, film) for juror, films in plan["queues"].items() for film in films}


def test_a_plan_keeps_languages_and_conflicts_and_is_as_even_as_can_be(call: Any) -> None:
    plan = planned(call, KOREAN)
    assert {juror for juror, film in screenings(plan) if film == "bada"} == {"ana", "bo"}
    assert {juror for juror, film in screenings(plan) if film == "calm"} <= {"ana", "bo", "di"}
    assert plan["loads"] == {"ana": 2, "bo": 2, "cy": 2, "di": 2}
    assert plan["feasible"] is True
    assert plan["fiedler"] > 0
    assert [sorted(group) for group in plan["pieces"]] == [["ana", "bo", "cy", "di"]]
    assert (
        sum(at**2 * pairs for at, pairs in enumerate(plan["pairs_sharing"]))
        == (plan["pair_squares"])
    )


def test_the_summary_draws_loads_and_pairs(call: Any) -> None:
    code, out, _ = call(KOREAN)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "Screenings dealt: 8; films: 4; jurors: 4."
    assert f"  Ana  {'█' * 40} 2" in lines
    assert [line for line in lines if line.startswith("Fiedler value")] != []


def test_films_that_too_few_understand_are_named_with_those_who_do(call: Any) -> None:
    problem = {**KOREAN, "per_film": 3, "conflicts": []}
    problem["jurors"] = [*KOREAN["jurors"][:3], {"id": "di", "name": "Di", "languages": ["en"]}]
    code, out, _ = call(problem)
    assert code == 1
    assert out == (
        "No plan keeps all the rules.\n"
        "  Jurors still needed for each of these films: 3; jurors who may see them and can take"
        " more films: 2. Films: Bada. Jurors: Ana, Bo.\n"
        "  They can be followed in Korean (ko), which no other juror understands.\n"
    )
    found = json.loads(call(problem, "--json")[1])
    assert found["blocking"] == [
        {
            "films": ["bada"],
            "jurors": ["ana", "bo"],
            "needed": 3,
            "available": 2,
            "alike": [],
            "smallest": True,
        }
    ]


def test_where_only_evenness_is_in_the_way_the_file_learns_what_to_allow(call: Any) -> None:
    problem: Problem = {
        "per_film": 1,
        "films": [{"id": f"k{at}", "languages": "ko"} for at in range(6)],
        "jurors": [{"id": "ana", "languages": "ko"}, {"id": "bo", "languages": "en"}],
    }
    code, out, _ = call(problem, "--json")
    found = json.loads(out)
    assert (code, found["evenest"]) == (1, 6)
    [block] = found["blocking"]
    assert (len(block["films"]), block["jurors"]) == (2, ["ana"])
    assert (block["needed"], block["available"]) == (2, 1)
    problem["loads"] = {"within": 6}
    assert planned(call, problem)["loads"] == {"ana": 6, "bo": 0}
    problem["loads"] = {"within": None}
    assert planned(call, problem)["loads"] == {"ana": 6, "bo": 0}
    del problem["loads"]
    problem["jurors"][1]["maximum"] = 0  # who takes no film has no part in what is even
    assert planned(call, problem)["loads"] == {"ana": 6, "bo": 0}


def test_something_in_common_bars_where_the_file_asks_and_public_mail_never_does(call: Any) -> None:
    problem: Problem = {
        "per_film": 1,
        "films": [
            {"id": "a", "school": " la  FÉMIS "},
            {"id": "b", "emails": ["x@studio.example", "y@gmail.com"]},
            {"id": "c", "country": "FR", "team": ["Zoé Roux"]},
        ],
        "jurors": [
            {"id": "p", "school": "La Fémis", "emails": "p@GMAIL.com", "country": "FR"},
            {"id": "q", "emails": "q@Studio.example", "team": "zoé roux"},
        ],
        "loads": {"within": None},
    }
    assert screenings(planned(call, problem)) == {("q", "a"), ("p", "b"), ("p", "c")}
    problem["detect"] = ["country", "school"]
    assert screenings(planned(call, problem)) >= {("q", "a"), ("q", "c")}
    problem["detect"] = []
    assert planned(call, {**problem, "loads": {}})["feasible"] is True


def test_what_was_given_stays_and_what_left_is_dealt_anew(call: Any) -> None:
    problem = {
        **KOREAN,
        "conflicts": [],
        "existing": [
            {"juror": "ana", "film": "aube", "state": "scored", "score": 7.5},
            {"juror": "gone", "film": "aube", "state": "abstained"},
            {"juror": "gone", "film": "calm", "state": "waiting"},
            {"juror": "bo", "film": "calm", "state": "recused"},
            {"juror": "cy", "film": "dune", "state": "no-show"},
            {"juror": "di", "film": "dune", "state": "skipped"},
        ],
    }
    plan = planned(call, problem)
    new = screenings(plan)
    assert [film for _, film in new].count("aube") == 0
    assert {juror for juror, film in new if film == "calm"} <= {"ana", "cy", "di"}
    assert [film for _, film in new].count("calm") == 2
    assert {juror for juror, film in new if film == "dune"} <= {"ana", "bo"}
    assert [film for _, film in new].count("dune") == 1
    assert plan["withdrawn"] == [{"juror": "gone", "film": "calm"}]


def test_fewer_jurors_a_film_take_back_waiting_screenings_alone(call: Any) -> None:
    existing = [
        {"juror": juror, "film": film, "state": "scored" if juror == "ana" else "waiting"}
        for film in ["aube", "calm", "dune"]
        for juror in ["ana", "bo", "di"]
    ]
    films = [film for film in KOREAN["films"] if film["id"] != "bada"]
    problem = {"per_film": 2, "films": films, "jurors": KOREAN["jurors"], "existing": existing}
    plan = planned(call, {**problem, "loads": {"within": None}})
    assert screenings(plan) == set()
    taken = [(each["juror"], each["film"]) for each in plan["withdrawn"]]
    assert sorted(film for _, film in taken) == ["aube", "calm", "dune"]
    assert {juror for juror, _ in taken} == {"bo", "di"}
    assert plan["loads"]["ana"] == 3


def test_a_late_juror_catches_up_or_not_as_the_file_asks(call: Any) -> None:
    films = [{"id": f"f{at:02}"} for at in range(20)]
    early = [{"id": "ana"}, {"id": "bo"}, {"id": "cy"}]
    first = planned(call, {"per_film": 2, "films": films, "jurors": early})
    existing = [{"juror": juror, "film": film} for juror, film in screenings(first)]
    later = {
        "per_film": 3,
        "films": films,
        "jurors": [*early, {"id": "late"}],
        "existing": existing,
    }
    assert planned(call, later)["loads"] == {"ana": 15, "bo": 15, "cy": 15, "late": 15}
    fresh = planned(call, {**later, "loads": {"count": "new"}})
    assert sorted(len(films) for films in fresh["queues"].values()) == [5, 5, 5, 5]


def test_the_same_file_and_seed_give_the_same_plan_in_any_order(call: Any) -> None:
    chance = Random(5)
    mixed = json.loads(json.dumps(KOREAN))
    for key in ["films", "jurors", "conflicts"]:
        chance.shuffle(mixed[key])
    assert call(KOREAN, "--json", "--seed", "9") == call(mixed, "--json", "--seed", "9")
    plans = {call(KOREAN, "--json", "--seed", str(seed))[1] for seed in range(6)}
    assert len(plans) == 6


NOWHERE = "who or which is nowhere else in the file."

ODD: list[tuple[object, str]] = [
    ("", "is not JSON: Expecting value: line 1 column 1 (char 0)."),
    ("[]", "the file must be an object {…}, not a list […]."),
    ("[" * 100_000, "is nested too deeply to be read."),
    ('{"per_film": NaN}', "holds NaN, which is no number. Leave such values out."),
    ('{"films": [], "films": []}', 'has the key "films" twice in one object. Keep one.'),
    ({}, "lacks 'per_film', how many jurors shall see each film."),
    ({"per_film": 0}, "per_film is 0; it may be 1 to 1000000."),
    ({"per_film": True}, "per_film must be a whole number, not true."),
    ({"per_film": 2.5}, "per_film must be a whole number, not 2.5."),
    ({"per_film": 10**400}, f"per_film is 1{'0' * 59}…; it may be 1 to 1000000."),
    ({"per_film": 1, "films": {}}, "films must be a list […], not an object {…}."),
    ({"per_film": 1, "films": [3]}, "films[0] must be an object {…}, not 3."),
    ({"per_film": 1, "films": [{}]}, "films[0] lacks 'id'."),
    (
        {"per_film": 1, "films": [{"id": "a\nb"}]},
        'films[0].id must be one line of 1 to 500 characters, not "a\\nb".',
    ),
    ({"per_film": 1, "films": [{"id": 1}, {"id": "1"}]}, "the film 1 is there twice."),
    ({"per_film": 1, "jurors": [{"id": "a"}, {"id": "a"}]}, "the juror a is there twice."),
    (
        {"per_film": 1, "jurors": [{"id": "a", "langauges": ["en"]}]},
        "jurors[0] has the key \"langauges\", unknown here. Did you mean 'languages'?",
    ),
    (
        {"per_film": 1, "jurors": [{"id": "a", "minimum": 4, "maximum": 3}]},
        "a can't take at least more films than at most.",
    ),
    (
        {"per_film": 1, "films": [{"id": "aube"}], "jurors": [{"id": "a", "refuses": "aub"}]},
        f'the juror "a" refuses or wishes "aub", {NOWHERE} Did you mean "aube"?',
    ),
    (
        {"per_film": 1, "conflicts": [["a", "b"]]},
        f'conflicts[0] names the juror "a", {NOWHERE}',
    ),
    ({"per_film": 1, "conflicts": [["a"]]}, "conflicts[0] must be an object {…}, not a list […]."),
    (
        {"per_film": 1, "existing": [{"juror": "a", "film": "b", "state": "gone"}]},
        "existing[0].state may be abstained, no-show, recused, scored, skipped, waiting.",
    ),
    (
        {"per_film": 1, "existing": [{"juror": "a", "film": "b"}] * 2},
        'existing deals "b" to "a" twice.',
    ),
    ({"per_film": 1, "loads": {"within": 0}}, "loads.within is 0; it may be 1 to 1000000."),
    ({"per_film": 1, "loads": {"count": "x"}}, "loads.count must be 'all' or 'new', not \"x\"."),
    (
        {"per_film": 1, "detect": ["planet"]},
        "detect names planet; it may name team, school, employer, country, domain.",
    ),
]


@pytest.mark.parametrize(("problem", "words"), ODD, ids=range(len(ODD)))
def test_an_odd_file_is_refused_in_words(call: Any, problem: object, words: str) -> None:
    assert call(problem) == (2, "", f"contest assign: FILE: {words}\n")


def test_a_file_that_is_not_there_or_no_text_is_refused_in_words(
    call: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.json"
    assert main(["assign", str(missing)]) == 2
    said = capsys.readouterr().err
    assert said == f"contest assign: {missing}: can't be opened: No such file or directory.\n"
    assert main(["assign", str(tmp_path)]) == 2
    assert capsys.readouterr().err.endswith("can't be opened: Is a directory.\n")
    assert call("\ud800")[2] == (
        "contest assign: FILE: is not text in UTF-8. Save it as JSON in UTF-8.\n"
    )


@pytest.mark.parametrize(
    "problem",
    [
        {"per_film": 1},
        {"per_film": 1, "jurors": [{"id": "a"}]},
        {"per_film": 1, "films": [{"id": "a", "per_film": 0}]},
        {"per_film": 1, "films": [{"id": "a"}], "jurors": [{"id": "a"}]},
    ],
)
def test_nearly_empty_files_have_plans(call: Any, problem: Problem) -> None:
    plan = planned(call, problem)
    assert plan["notes"] == []
    assert call(problem)[0] == 0


def test_films_without_any_juror_are_refused_with_how_many_to_invite(call: Any) -> None:
    code, out, _ = call({"per_film": 2, "films": [{"id": "a"}]})
    assert code == 1
    assert out == (
        "No plan keeps all the rules.\n"
        "  Jurors still needed for each film: 2; jurors on the panel: 0. Invite at least 2 more, or"
        " let fewer jurors see each film.\n"
    )


def test_a_budget_goes_to_films_near_the_cut_with_all_that_stands_kept(call: Any) -> None:
    films = [{"id": f"f{at:02}"} for at in range(12)]
    jurors = [{"id": f"j{at}"} for at in range(6)]
    problem = {"per_film": 3, "films": films, "jurors": jurors}
    first = screenings(planned(call, problem))
    existing = [
        {"juror": juror, "film": film, "score": at / 2 + int(film[1:]) + (film == "f06") / 2}
        for at, (juror, film) in enumerate((j, f) for j, f in sorted(first))
        for at in [int(juror[1:])]
    ]
    plan = planned(
        call, {**problem, "existing": existing, "adaptive": {"cut": 6, "budget": 9, "batch": 6}}
    )
    assert len(screenings(plan)) == 6
    assert screenings(plan) & first == set()
    assert set(plan["loads"].values()) == {7}
    code, _, err = call({**problem, "adaptive": {"budget": 3}})
    assert code == 2
    assert err == (
        "contest assign: FILE: adaptive lacks 'budget' (screenings to deal) or 'cut' (films going"
        " on).\n"
    )
    assert len(screenings(planned(call, {**problem, "adaptive": {"cut": 6, "budget": 2}}))) == 38


def test_a_budget_beyond_all_screenings_there_are_is_dealt_at_once(call: Any) -> None:
    problem = {
        "per_film": 1,
        "films": [{"id": f"f{at}"} for at in range(6)],
        "jurors": [{"id": f"j{at}"} for at in range(4)],
        "adaptive": {"cut": 2, "budget": 1_000_000},
    }
    assert len(screenings(planned(call, problem))) == 24


@pytest.mark.parametrize(("score", "words"), [(1e-300, "small"), (-1e9, "great")])
def test_scores_that_no_model_can_square_are_refused(call: Any, score: float, words: str) -> None:
    existing = [{"juror": "di", "film": "calm", "score": score}]
    code, _, err = call({**KOREAN, "existing": existing})
    assert (code, err) == (
        2,
        f"contest assign: FILE: existing[0].score is {score}, too {words} to reckon with.\n",
    )


@pytest.mark.parametrize("where", ["jurors", "existing"])
def test_a_panel_whose_pairs_no_memory_holds_is_refused(call: Any, where: str) -> None:
    many = range(4001)
    panel = {
        "jurors": [{"id": f"j{at}"} for at in many],
        "existing": [{"juror": f"j{at}", "film": "calm"} for at in many],
    }
    code, _, err = call({"per_film": 1, "films": [{"id": "calm"}], where: panel[where]})
    assert code == 2
    assert err == (
        "contest assign: FILE: has 1 films and 4001 jurors, more than one plan can hold. Deal them"
        " in several rounds.\n"
    )
