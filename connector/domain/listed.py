"""The test list: addresses and accounts that test mode reaches, as the admin wrote them."""

from dataclasses import dataclass

from connector.domain.addresses import normalise_address
from connector.domain.patterns import any_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Normalised addresses, in which `*` stands for anything, and accounts by their name or CRM id.

    `ids` are those of the accounts that a CRM gives another form than the admin wrote, in the CRM's form.
    """

    recipients: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def has_recipient(self, address: str | None) -> bool:
        """Whether an address, in whatever case it is written, is on the list."""
        text = normalise_address(address)
        return text is not None and any(any_of(pattern).fullmatch(text) for pattern in self.recipients)

    def has_account(self, *, name: str | None, crm_id: str) -> bool:
        """Whether a record is on the list: by its name, whatever its case, or by the id that its CRM gave it."""
        folded = None if name is None else fold(name)
        is_named = any(word == crm_id or fold(word) == folded for word in self.accounts)
        return is_named or crm_id in self.ids

    def __str__(self) -> str:
        return f"{', '.join(self.recipients)} at {', '.join(self.accounts)}"


def fold(text: str) -> str:
    """A name without spaces around it, for comparing in any case."""
    return text.strip().casefold()
