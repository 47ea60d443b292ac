"""Whether a ticket is closed: HubSpot says that of the stage it stands in, and only the pipelines tell of which."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.hubspot.client import HubspotClient
from adapters.hubspot.failures import MissingScope, RefusedBatch
from adapters.hubspot.layout import Column, Gap, Layout, LinkColumn
from adapters.hubspot.mapping import OBJECTS, PLURALS, Converter
from connector.domain.records import FactValue, RecordKind
from connector.ports.errors import CrmMissingField

STAGE, CLOSED_DATE = "hs_pipeline_stage", "closed_date"
_CLOSED = "CLOSED"


def stages_of(client: HubspotClient) -> dict[str, bool] | None:
    """For each stage of a ticket whether it closes; None where the token may not see the pipelines."""
    try:
        pipelines = client.pipelines(PLURALS[RecordKind.CASE])
    except (MissingScope, CrmMissingField, RefusedBatch):
        return None
    stages = (stage for pipeline in pipelines for stage in pipeline["stages"])
    return {str(stage["id"]): _closes(stage) for stage in stages}


def _closes(stage: Mapping[str, Any]) -> bool:
    return (stage.get("metadata") or {}).get("ticketState") == _CLOSED


def with_stages(layout: Layout, stages: Mapping[str, bool] | None) -> Layout:
    """The layout of tickets with what the stages say: a ticket that stands in an open one was closed on no day."""
    if stages is None:
        columns = tuple(column for column in layout.columns if not _is_told_by_stage(column))
        gaps = (_gap(),) if columns != layout.columns else ()
        return replace(layout, columns=columns, gaps=(*layout.gaps, *gaps))
    return replace(layout, columns=tuple(_read(column, stages) for column in layout.columns))


def _read(column: Column | LinkColumn, stages: Mapping[str, bool]) -> Column | LinkColumn:
    if isinstance(column, LinkColumn):
        return column
    if _is_told_by_stage(column):
        return replace(column, convert=lambda values: stages.get(values[0] or ""))
    if column.word == "closed_on" and column.properties == (CLOSED_DATE,):
        return replace(column, properties=(CLOSED_DATE, STAGE), convert=_unless_open(column.convert, stages))
    return column


def _is_told_by_stage(column: Column | LinkColumn) -> bool:
    return isinstance(column, Column) and column.word == "is_closed" and column.properties == (STAGE,)


def _unless_open(day: Converter, stages: Mapping[str, bool]) -> Converter:
    """Nothing says that HubSpot empties the date when a ticket is opened again."""

    def convert(values: Sequence[str | None]) -> FactValue:
        return None if stages.get(values[1] or "") is False else day(values[:1])

    return convert


def _gap() -> Gap:
    message = f"the pipelines of {OBJECTS[RecordKind.CASE]}s cannot be seen: which are closed stays unknown"
    return Gap(word="is_closed", message=f"{message}; grant the scope `tickets`", is_required=False)
