"""Job titles at three levels, and some that tell nothing about a level."""

from __future__ import annotations

from adapters.sandbox.chance import pick, weighted

TITLES = {
    "Executive": (
        "Chief Executive Officer",
        "Chief Operating Officer",
        "CFO",
        "VP Operations",
        "Vice President Supply Chain",
        "Managing Director",
        "Geschäftsführerin",
        "Vorstand Technik",
        "Directeur général",
    ),
    "Manager": (
        "Head of Purchasing",
        "Head of Quality",
        "Plant Manager",
        "Product Manager",
        "IT Manager",
        "Director Maintenance",
        "Werksleiter",
        "Teamleiterin Einkauf",
        "Responsable qualité",
    ),
    "User": (
        "Process Engineer",
        "Test Engineer",
        "Machine Operator",
        "Data Analyst",
        "Laboratory Analyst",
        "Servicetechniker",
        "Maintenance Engineer",
        "Shift Operator",
        "Business Analyst",
    ),
    "": ("Buyer", "Owner", "Office", "Wizard of Things", "n/a", "Consultant (external)", "Ansprechpartner", "-"),
}
_SHARES = (("Executive", 0.15), ("Manager", 0.29), ("User", 0.46), ("", 0.10))


def level_and_title(*key: object) -> tuple[str | None, str | None]:
    """A feedback level (None when nobody knows it) and a title that fits it."""
    level = weighted(_SHARES, *key, "level")
    return level or None, pick(TITLES[level], *key, "title")


def next_title(title: str | None, *key: object) -> tuple[str | None, str]:
    """Another title, mostly of the same level, and the level it belongs to."""
    level = next((one for one, titles in TITLES.items() if title in titles), "User")
    level = weighted(((level, 0.7), ("Manager", 0.2), ("Executive", 0.1)), *key, "level")
    others = [one for one in TITLES[level] if one != title]
    return level or None, pick(others, *key, "title")
