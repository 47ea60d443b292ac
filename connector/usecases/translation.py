"""A page in our words: values as the admin maps them, and ids of another CRM in that CRM's own form."""

from collections.abc import Callable
from dataclasses import replace

from connector.domain.records import FactValue
from connector.ports.crm import Page
from connector.ports.wiring import Crm

_SAME_AS = "same_as"

Reading = Callable[[FactValue], FactValue]


def translated(page: Page, *, crm: Crm) -> Page:
    """The page with its `same_as` ids read and its mapped values replaced; values that no map names stay."""
    readings = {
        place: reading
        for place, word in enumerate(page.columns)
        if (reading := _reading(f"{page.kind}.{word}", crm=crm)) is not None
    }
    if not readings:
        return page
    return replace(page, rows=[_row(row, readings) for row in page.rows])


def _reading(name: str, *, crm: Crm) -> Reading | None:
    if name.rpartition(".")[2] == _SAME_AS and crm.same_as is not None:
        read_id = crm.same_as.read_id
        return lambda value: read_id(str(value)) if value is not None else None
    values = crm.values.get(name)
    return None if values is None else lambda value: values.get(str(value), value)


def _row(row: tuple[FactValue, ...], readings: dict[int, Reading]) -> tuple[FactValue, ...]:
    return tuple(readings[place](value) if place in readings else value for place, value in enumerate(row))
