"""Mail addresses: one normal form, and which mailboxes belong to nobody in particular."""

import unicodedata

SHARED_MAILBOXES = frozenset(
    """accounting accounts admin administration all billing buchhaltung contact einkauf enquiries finance hello
    help hr info invoice invoices it kontakt mail marketing no-reply noreply office orders postmaster purchasing
    reception sales service support team vertrieb webmaster zentrale""".split()
)
"""Local parts that stand for a group (RFC 2142 names and everyday ones in English and German)."""


def normalise_address(text: str | None) -> str | None:
    """The address trimmed, in NFC, with an IDNA domain, in lower case, plus tags kept; None if it is none.

    Design 5.5. Only the shape `local@domain.tld` is asked for: the relay judges the rest.
    """
    if text is None:
        return None
    local, at, domain = unicodedata.normalize("NFC", text).strip().lower().rpartition("@")
    if not at or not local or "." not in domain or any(char.isspace() or ord(char) < 32 for char in local):
        return None
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None


def is_shared_mailbox(address: str) -> bool:
    """Whether a normalised address is a group's mailbox and so no person's."""
    return address.partition("@")[0].partition("+")[0] in SHARED_MAILBOXES
