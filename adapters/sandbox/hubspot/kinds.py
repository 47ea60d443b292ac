"""The kinds of records the portal has, and the names under which each may be asked for."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its names, its two stamps and what is shown when nothing is asked for."""

    name: str
    _: KW_ONLY
    singular: str
    type_id: str
    first_id: int
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    defaults: tuple[str, ...] = ()
    is_activity: bool = False

    @property
    def scope(self) -> str:
        """The scope that lets a client read it; activities go with contacts, and tickets have one of their own."""
        if self.name == "tickets":
            return "tickets"
        return f"crm.objects.{'contacts' if self.is_activity else self.name}.read"

    @property
    def legacy(self) -> str:
        """The name the portal's error texts use."""
        return self.singular.upper()


_STAMPS = ("hs_createdate", "hs_lastmodifieddate")
CONTACTS = Kind(
    "contacts",
    singular="contact",
    type_id="0-1",
    first_id=713_000_000_000,
    created="createdate",
    modified="lastmodifieddate",
    defaults=("email", "firstname", "lastname"),
)
COMPANIES = Kind(
    "companies",
    singular="company",
    type_id="0-2",
    first_id=31_000_000_000,
    created="createdate",
    defaults=("name", "domain"),
)
DEALS = Kind(
    "deals",
    singular="deal",
    type_id="0-3",
    first_id=42_000_000_000,
    created="createdate",
    defaults=("amount", "closedate", "dealname", "dealstage", "pipeline"),
)
TICKETS = Kind(
    "tickets",
    singular="ticket",
    type_id="0-5",
    first_id=61_000_000_000,
    created="createdate",
    defaults=(
        "content",
        "subject",
        "hs_pipeline",
        "hs_pipeline_stage",
        "hs_ticket_category",
        "hs_ticket_priority",
    ),
)
TASKS = Kind("tasks", singular="task", type_id="0-27", first_id=88_000_000_000, defaults=_STAMPS, is_activity=True)
NOTES = Kind("notes", singular="note", type_id="0-46", first_id=95_000_000_000, defaults=_STAMPS, is_activity=True)
USERS = Kind("users", singular="user", type_id="0-115", first_id=207_800_000_000)
KINDS = {one.name: one for one in (CONTACTS, COMPANIES, DEALS, TICKETS, TASKS, NOTES, USERS)}
_BY_WORD = {word: one for one in KINDS.values() for word in (one.name, one.singular, one.type_id)}


def find_kind(word: str) -> Kind | None:
    """The kind of this name: plural, singular, in any case, or the type id."""
    return _BY_WORD.get(word.lower())
