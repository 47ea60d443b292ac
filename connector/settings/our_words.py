"""Our words by the CRMs' own names of fields, for rules in which somebody wrote the latter."""

from collections.abc import Iterable, Mapping

from connector.settings.configuration import CrmConnection


def our_words(crms: Iterable[CrmConnection]) -> Mapping[str, str]:
    """The names of facts by the CRMs' fields in small letters; what an admin declared stands above the defaults."""
    found: dict[str, str] = {}
    for crm in crms:
        default = {source.casefold(): name for name, source in crm.spec.sources.items()}
        found |= default | {source.casefold(): fact.name for fact, source in crm.sources.items()}
    return found
