"""What people feel and would say: hidden in the sandbox, decided by hash and slowly drifting."""

from __future__ import annotations

from datetime import datetime

from adapters.sandbox.chance import pick, unit

_SEASON = 91 * 86400  # seconds over which a mood changes
_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "good": (
            "The team knows our plant by heart.",
            "Somebody always calls back the same day.",
            "The last delivery went without a hitch.",
        ),
        "fair": (
            "Mostly fine, but the documentation is thin.",
            "Answers come, they just take a while.",
            "Good people, slow paperwork.",
        ),
        "poor": (
            "We waited three weeks for a spare part.",
            "Nobody told us about the price change.",
            "The contact changed twice this year and we start over each time.",
        ),
    },
    "de": {
        "good": ("Wir erreichen immer jemanden, der uns kennt.", "Die Beratung vor Ort war sehr gut."),
        "fair": ("Im Großen und Ganzen gut, die Rechnungen sind unklar.", "Könnte etwas schneller gehen."),
        "poor": ("Auf die letzte Anfrage kam keine Antwort.", "Zu viele Ausfälle in diesem Quartal."),
    },
    "fr": {
        "good": ("L'équipe est disponible et connaît nos besoins.",),
        "fair": ("Correct, mais les délais restent longs.",),
        "poor": ("Personne ne nous rappelle.",),
    },
}
_MOODS = {"much better": 9.0, "better": 8.0, "same": 6.0, "worse": 3.0, "much worse": 1.0} | {
    "yes": 8.0,
    "partly": 5.0,
    "no": 2.0,
}


def feeling(seed: int, address: str, at: datetime) -> float:
    """How somebody feels on a scale of 0 to 10: the company's level, their own offset and a slow drift."""
    company = address.partition("@")[2].lower()
    level = 3.5 + 6.3 * unit(seed, "level", company) ** 0.7
    own = 2.6 * (unit(seed, "offset", address.lower()) - 0.5)
    season, passed = divmod(at.timestamp(), _SEASON)
    before, after = (unit(seed, "mood", company, int(season) + step) - 0.5 for step in (0, 1))
    drift = 2.0 * (before + (after - before) * passed / _SEASON)
    return float(min(10.0, max(0.0, level + own + drift)))


def nearest(values: list[str], score: float) -> str:
    """The value of a numeric scale, whatever its ends, that stands for the score."""
    numbers = {value: float(value) for value in values}
    low, high = min(numbers.values()), max(numbers.values())
    wanted = low + (high - low) * score / 10
    return min(values, key=lambda value: abs(numbers[value] - wanted))


def choose(values: list[str], score: float, *key: object) -> str:
    """The value of a choice: by mood where the words tell one, else by hash."""
    moods = {value: _MOODS[value.lower().replace("_", " ")] for value in values if _mood(value)}
    if len(moods) >= 2:
        return min(moods, key=lambda value: abs(moods[value] - score))
    return pick(values, *key)


def _mood(value: str) -> bool:
    return value.lower().replace("_", " ") in _MOODS


def sentence(language: str, score: float, *key: object) -> str:
    """An invented sentence that fits the score, in the language of the page where one is known."""
    words = _WORDS.get(language[:2].lower(), _WORDS["en"])
    return pick(words["good" if score >= 7.5 else "fair" if score >= 5 else "poor"], *key)
