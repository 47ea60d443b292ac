"""The test list: addresses and accounts that test mode reaches, as the admin wrote them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.domain.addresses import normalise_address
from connector.domain.patterns import any_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Normalised addresses, in which `*` stands for anything, and accounts by their name or CRM id.

    `ids` leads from ids in a CRM's own form to the words that the admin wrote in another form.
    """

    recipients: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict, hash=False)

    def has_recipient(self, address: str | None) -> bool:
        """Whether an address, in whatever case it is written, is on the list."""
        text = normalise_address(address)
        return text is not None and any(any_of(pattern).fullmatch(text) for pattern in self.recipients)

    def has_account(self, *, name: str | None, crm_id: str) -> bool:
        """Whether a record is on the list: by its name, whatever its case, or by the id that its CRM gave it."""
        return bool(self.words_for(name=name, crm_id=crm_id))

    def words_for(self, *, name: str | None, crm_id: str) -> list[str]:
        """The words of the list that mean a record."""
        folded, other = None if name is None else fold(name), self.ids.get(crm_id)
        return [word for word in self.accounts if word in (crm_id, other) or fold(word) == folded]

    def __str__(self) -> str:
        return f"{', '.join(self.recipients)} at {', '.join(self.accounts)}"


def fold(text: str) -> str:
    """A name without spaces around it, for comparing in any case."""
    return text.strip().casefold()
