"""What is known by now, in numbers: for whoever checks the settings before anything runs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from connector.domain.listed import Listed
from connector.domain.programs import RelationshipRule, Track
from connector.domain.records import Fact, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Persons with a live contact by their level; None stands for unknown.

    `titles` are the commonest titles of those whose level is unknown, with how many have each.
    """

    persons: Mapping[Level | None, int]
    titles: Sequence[tuple[str, int]]

    @property
    def total(self) -> int:
        """All persons."""
        return sum(self.persons.values())

    @property
    def unknown(self) -> int:
        """Persons whose level nobody knows."""
        return self.persons.get(None, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Whom a test list reaches: `persons` of a listed address with a live contact at one of the `accounts` it names.

    `words` says of each account on the list how many live records it names, `recipients` of each address how many
    persons have it at these accounts, and how many anywhere.
    """

    persons: int
    accounts: int
    words: Mapping[str, int]
    recipients: Mapping[str, tuple[int, int]]


class CountStore(Protocol):
    """Counts over live records, in SQL; joined accounts count once."""

    def types(self, rules: Sequence[RelationshipRule]) -> Mapping[str, int]:
        """Accounts of each relationship type, in the order of the rules; a type that nobody has counts 0."""
        ...

    def levels(self, *, titles: int) -> Levels:
        """Persons by level, a rep's word before the CRM's; with so many of the commonest titles of the unknown."""
        ...

    def accounts_without(self, crm: str, others: Collection[str]) -> int:
        """Accounts of a CRM that are joined with none of the other CRMs' accounts."""
        ...

    def filled(self, crm: str, facts: Sequence[Fact]) -> Mapping[str, tuple[int, int]]:
        """For each fact by name, on how many of the CRM's records it is known, and how many records there are."""
        ...

    def holding(self, crm: str, fact: Fact, value: str) -> int:
        """On how many of the CRM's records a fact that is a text has this value."""
        ...

    def reached(self, listed: Listed) -> Reached:
        """Whom a test list reaches among live records; joined accounts count once."""
        ...

    def occurrences(self, *, track: Track | None = None) -> Mapping[tuple[str, str], int]:
        """How many occurrences there have been of each program's milestones, by their ids.

        Of a track those at which it decided about somebody.
        """
        ...
