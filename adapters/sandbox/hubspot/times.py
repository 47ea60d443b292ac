"""Instants and days as the portal keeps and prints them: UTC, milliseconds, ending in Z."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def kept(instant: datetime) -> str:
    """The instant as it is stored: always with three digits of milliseconds, so that texts sort as instants do."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(text: str) -> str:
    """A stored instant as it is printed: milliseconds are left out when they are zero."""
    return text.replace(".000Z", "Z")


def from_millis(number: int) -> datetime:
    """The instant so many milliseconds after 1970, aware UTC; raises OverflowError for one no calendar has."""
    return _EPOCH + timedelta(milliseconds=number)


def parse_instant(text: str) -> datetime:
    """The instant of ISO text with a zone or of epoch milliseconds; raises ValueError for anything else."""
    if text.lstrip("-").isdigit():
        try:
            return from_millis(int(text))
        except OverflowError as error:
            raise ValueError(text) from error
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), tzinfo=UTC)
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return instant.astimezone(UTC)


def parse_day(text: str) -> date:
    """The day of YYYY-MM-DD or of milliseconds at midnight UTC; raises ValueError for anything else."""
    if not text.lstrip("-").isdigit():
        return date.fromisoformat(text)
    instant = parse_instant(text)
    if instant.time() != datetime.min.time():
        raise ValueError(f"{text} is not at midnight UTC")
    return instant.date()
