"""How the org says no: the code, the text and the list form of the body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Refusal(Exception):
    """A request, or one row of it, is refused with this HTTP status, code and message."""

    def __init__(self, status: int, code: str, message: str, *, fields: Sequence[str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message, self.fields = status, code, message, fields

    def body(self) -> list[dict[str, Any]]:
        """The body of a refused request."""
        if self.code == "NOT_FOUND":  # the one code whose keys come in the other order
            return [{"errorCode": self.code, "message": self.message}]
        entry: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        return [entry if self.fields is None else {**entry, "fields": list(self.fields)}]

    def row_error(self) -> dict[str, Any]:
        """The entry in the answer of a collection call, where the code is called statusCode."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or [])}


def not_found(message: str = "The requested resource does not exist") -> Refusal:
    """Nothing lives at this path."""
    return Refusal(404, "NOT_FOUND", message)


def bad_session() -> Refusal:
    """The token is missing, unknown or expired."""
    return Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
