"""A page in our words: facts told by several fields, values as the admin maps them, ids in another CRM's own form."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from connector.domain.derivation import FROM, Derivation
from connector.domain.records import FactValue
from connector.ports.crm import Page
from connector.ports.wiring import Crm

_SAME_AS = "same_as"

Reading = Callable[[FactValue], FactValue]


def translated(page: Page, *, crm: Crm) -> Page:
    """The page with derived facts in place of their sources, its `same_as` ids read and its mapped values replaced.

    Values that no map names stay. A fact that other records tell too keeps its sources and stays out of the page: the
    derive stage alone writes it.
    """
    page = _derived(page, crm=crm)
    readings = {
        place: reading
        for place, word in enumerate(page.columns)
        if (reading := _reading(f"{page.kind}.{word}", crm=crm)) is not None
    }
    if not readings:
        return page
    return replace(page, rows=[_row(row, readings) for row in page.rows])


def _derived(page: Page, *, crm: Crm) -> Page:
    derivations = [each for each in crm.derived if each.fact.kind is page.kind]
    told = [each for each in derivations if each.is_of_record]
    consumed = {each.fact.word for each in derivations} | {fact.word for each in told for fact, _ in each.own()}
    if not derivations:
        return page
    kept = [place for place, word in enumerate(page.columns) if word not in consumed]
    added = [word for each in told for word in (each.fact.word, each.fact.word + FROM)]
    places = {word: place for place, word in enumerate(page.columns)}
    rows = [(*(row[place] for place in kept), *_told(row, told, places)) for row in page.rows]
    return replace(page, columns=(*(page.columns[place] for place in kept), *added), rows=rows)


def _told(row: tuple[FactValue, ...], derivations: list[Derivation], places: Mapping[str, int]) -> Iterator[FactValue]:
    """Each fact's value and its source; a source whose field the page lacks says nothing."""
    for each in derivations:
        read = [row[places[fact.word]] if fact.word in places else None for fact, _ in each.own()]
        yield from each.tell(read)


def _reading(name: str, *, crm: Crm) -> Reading | None:
    if name.rpartition(".")[2] == _SAME_AS and crm.same_as is not None:
        read_id = crm.same_as.read_id
        return lambda value: read_id(str(value)) if value is not None else None
    values = crm.values.get(name)
    return None if values is None else lambda value: values.get(str(value), value)


def _row(row: tuple[FactValue, ...], readings: dict[int, Reading]) -> tuple[FactValue, ...]:
    return tuple(readings[place](value) if place in readings else value for place, value in enumerate(row))
