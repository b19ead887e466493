"""Who is in the demonstration: invented authors, jurors and films. Any likeness is chance."""

from __future__ import annotations

from dataclasses import dataclass

from contest.cli.demonstration import films
from contest.cli.demonstration.films import FilmPlan


@dataclass(frozen=True)
class Author:
    """Somebody who enters films."""

    email: str
    name: str
    romanised: str
    country: str
    language: str
    time_zone: str


@dataclass(frozen=True)
class Work:
    """A film and what its author says of it. `share` in percent, as typed."""

    plan: FilmPlan
    author: str
    category: str
    title: str
    title_language: str
    romanised: str
    english: str
    synopsis: str
    language: str
    share: str
    public: bool = True


AUTHORS = (
    Author("lin@example.org", "林安琪", "Lin Anqi", "CN", "zh", "Asia/Shanghai"),
    Author("wen@example.org", "Wen Duval", "", "FR", "fr", "Europe/Paris"),
    Author("noor@example.org", "نور حداد", "Noor Haddad", "MA", "fr", "Africa/Casablanca"),
    Author("jiwoo@example.org", "한지우", "Han Ji-woo", "KR", "en", "Asia/Seoul"),
    Author("mira@example.org", "Мира Орлова", "Mira Orlova", "KZ", "en", "Asia/Almaty"),
    Author("tomas@example.org", "Tomás Rey", "", "AR", "en", "America/Argentina/Buenos_Aires"),
    Author("ada@example.org", "Ada Obi", "", "NG", "en", "Africa/Lagos"),
    Author("kaito@example.org", "森海斗", "Mori Kaito", "JP", "en", "Asia/Tokyo"),
    Author("ines@example.org", "Inês Faria", "", "PT", "fr", "Europe/Lisbon"),
    Author("ravi@example.org", "Ravi Menon", "", "IN", "en", "Asia/Kolkata"),
    Author("eva@example.org", "Eva Lindqvist", "", "SE", "en", "Europe/Stockholm"),
    Author("chen@example.org", "陈默", "Chen Mo", "CN", "zh", "Asia/Shanghai"),
)

JURORS = (
    ("juror@example.org", "Amara Diallo", "SN"),
    ("juror2@example.org", "Henrik Voss", "DE"),
    ("juror3@example.org", "Yuki Tanabe", "JP"),
    ("juror4@example.org", "Lucía Ferrer", "ES"),
    ("juror5@example.org", "Daniel Okoro", "GB"),
)

WORKS = (
    Work(
        FilmPlan("harbour", "harbour", films.DUSK, 92),
        *("lin@example.org", "fiction", "烟火下的港湾", "zh-Hans", "Yanhuo xia de gangwan"),
        "The Harbour under Fireworks",
        "A harbour remembers a house nobody can return to. Each firework lights one more room.",
        *("zh", "91"),
    ),
    Work(
        FilmPlan("tree", "forest", films.MIST, 78),
        *("wen@example.org", "animation", "Fantaisie de l’arbre", "fr", "", "The Tree’s Fantasy"),
        "Un arbre rêve qu’il marche. Au matin, la forêt a changé de place, et nul ne le voit.",
        *("fr", "74.5"),
    ),
    Work(
        FilmPlan("alaya", "dunes", films.SAND, 84),
        *("noor@example.org", "fiction", "ألايا", "ar", "Alaya", "Alaya"),
        "A letter crosses the desert on foot. Whoever carries it adds one line and walks on.",
        *("ar", "88"),
    ),
    Work(
        FilmPlan("folding", "mountains", films.PAPER, 66),
        *(
            "jiwoo@example.org",
            "animation",
            "접히는 산",
            "ko",
            "Jeophineun san",
            "Mountains That Fold",
        ),
        "A child folds a map, and the mountains fold with it until only one valley is left.",
        *("ko", "96"),
    ),
    Work(
        FilmPlan("train", "mountains", films.FROST, 71),
        *("mira@example.org", "documentary", "Последний поезд", "ru", "Posledny poyezd"),
        "The Last Train",
        "The last train over the steppe, told by the woman who sold tea on it all her life.",
        *("ru", "72"),
    ),
    Work(
        FilmPlan("umbrella", "rain", films.NEON, 65),
        *("tomas@example.org", "experimental", "Paraguas, 4 a.m.", "es", "", "Umbrella, 4 a.m."),
        "A city without people keeps its lights on for an umbrella that seeks its owner.",
        *("es", "83.25"),
    ),
    Work(
        FilmPlan("diver", "deep", films.SEA, 88),
        *("ada@example.org", "fiction", "What the Diver Kept", "en", "", "What the Diver Kept"),
        "The diver’s light is the only thing not generated. The whale knows, and follows it.",
        *("en", "79"),
    ),
    Work(
        FilmPlan("lantern", "harbour", films.NIGHT, 75),
        *("kaito@example.org", "animation", "灯籠の数", "ja", "Tōrō no kazu", "Counting Lanterns"),
        "Every year one lantern fewer comes back over the water. This year somebody counts.",
        *("ja", "85"),
    ),
    Work(
        FilmPlan("salt", "dunes", films.ROSE, 69),
        *("ines@example.org", "documentary", "Sal", "pt", "", "Salt"),
        "Three voices from the salt pans, each spoken by a machine that learned it at home.",
        *("pt", "70"),
    ),
    Work(
        FilmPlan("monsoon", "rain", films.VIOLET, 62),
        *("ravi@example.org", "experimental", "മഴ", "ml", "Mazha", "Rain"),
        "Rain as it is remembered: never in order, and always on the same tin roof.",
        *("ml", "90"),
    ),
    Work(
        FilmPlan("birches", "forest", films.FROST, 95),
        *("eva@example.org", "fiction", "Björkarna", "sv", "", "The Birches"),
        "Two sisters argue about a forest that one has invented and the other has walked in.",
        *("sv", "77"),
    ),
    Work(
        FilmPlan("fold2", "mountains", films.DUSK, 64),
        *("chen@example.org", "animation", "折纸城", "zh-Hans", "Zhezhi cheng", "Paper City"),
        "A city is folded away each evening to keep it dry, and one window is forgotten.",
        *("zh", "93", False),
    ),
    Work(
        FilmPlan("comet", "harbour", films.SEA, 80, "mkv"),
        *("lin@example.org", "experimental", "彗星邮差", "zh-Hans", "Huixing youchai"),
        "The Comet’s Postman",
        "A comet delivers one letter every seventy-six years. This time it is early.",
        *("zh", "82"),
    ),
    Work(
        FilmPlan("short", "dunes", films.DUSK, 42),
        *("tomas@example.org", "fiction", "Un minuto menos", "es", "", "One Minute Less"),
        "A film that ends before it may begin: forty-two seconds of a sunset cut too early.",
        *("es", "81"),
    ),
)
