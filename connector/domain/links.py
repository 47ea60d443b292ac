"""Links that cannot be guessed, can be checked without being stored, and fit a mail header (design 5.10)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

NONCE_BYTES = 16
TOKEN_LENGTH = 22


class LinkPurpose(StrEnum):
    """What a link lets its holder do."""

    ANSWER = "answer"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Keyring:
    """Instance keys by id: `signing` signs new links, the others only render old mails."""

    keys: Mapping[str, bytes]
    signing: str

    def __repr__(self) -> str:
        return f"Keyring({sorted(self.keys)})"

    @staticmethod
    def of(keys: "tuple[bytes, ...]") -> "Keyring":
        """A keyring of one or more keys, the first signing; a key's id is 8 hex digits of its SHA-256."""
        by_id = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
        return Keyring(by_id, hashlib.sha256(keys[0]).hexdigest()[:8])


def token(keyring: Keyring, *, key_id: str, purpose: LinkPurpose, nonce: bytes) -> str:
    """The 22-character token of a link. Raises KeyError where the keyring has no such key any more."""
    mac = hmac.new(keyring.keys[key_id], purpose.encode() + b"|" + nonce, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode("ascii")[:TOKEN_LENGTH]


def token_hash(text: str) -> str:
    """What is stored of a token: its SHA-256 in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
