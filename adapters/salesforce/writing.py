"""Our fields on their records: compare, set what differs, and give each write its receipt."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.salesforce.client import SalesforceClient
from adapters.salesforce.failures import limit_of_row, row_code, row_refusal, row_verdict
from adapters.salesforce.mapping import OBJECTS, id18, is_id, write_field_name, written_value
from connector.domain.records import RecordKind
from connector.ports.crm import Receipt, Write
from connector.ports.errors import CrmUnavailable


def push_writes(
    client: SalesforceClient, kind: RecordKind, writes: Sequence[Write], *, max_batch: int
) -> list[Receipt]:
    """One receipt per write, in their order; a record that already shows the values is not touched again."""
    return [receipt for calls in _calls(writes, max_batch) for receipt in _pushed(client, kind, calls)]


def _calls(writes: Sequence[Write], max_batch: int) -> Iterator[list[Write]]:
    """Runs of at most `max_batch` writes with each record once: the org refuses a record named twice in a call."""
    call: list[Write] = []
    named: set[str] = set()
    for write in writes:
        if len(call) == max_batch or id18(write.crm_id) in named:
            yield call
            call, named = [], set()
        call.append(write)
        named.add(id18(write.crm_id))
    if call:
        yield call


def _pushed(client: SalesforceClient, kind: RecordKind, writes: Sequence[Write]) -> list[Receipt]:
    rows = [_row(kind, write) for write in writes]
    shown = _shown(client, kind, rows)
    stale = [index for index, row in enumerate(rows) if not _is_shown(row, shown.get(row["id"]))]
    receipts = [Receipt(key=write.key, crm_id=write.crm_id) for write in writes]
    if stale:
        answers = client.update_rows([rows[index] for index in stale])
        if len(answers) != len(stale):  # failed rows carry no id: only the position says whose answer it is
            raise CrmUnavailable(f"{client.crm}: the org answered for fewer rows than were sent", crm=client.crm)
        for index, answer in zip(stale, answers, strict=True):
            receipts[index] = _receipt(client, writes[index], answer)
    return receipts


def _row(kind: RecordKind, write: Write) -> dict[str, Any]:
    """The record as a collection call takes it; `attributes` must come first."""
    values = {write_field_name(word): written_value(value) for word, value in write.values.items()}
    return {"attributes": {"type": OBJECTS[kind]}, "id": id18(write.crm_id), **values}


def _shown(client: SalesforceClient, kind: RecordKind, rows: Sequence[dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """What the records show now, by id: setting a field to its own value would still start the org's automation."""
    ids = [row["id"] for row in rows if is_id(row["id"])]
    fields = sorted({name for row in rows for name in row if name not in ("attributes", "id")})
    if not ids or not fields:
        return {}
    found = client.read_rows(OBJECTS[kind], ids=ids, fields=["Id", *fields])
    return {id18(record["Id"]): record for record in found if record}


def _is_shown(row: Mapping[str, Any], record: Mapping[str, Any] | None) -> bool:
    names = [name for name in row if name not in ("attributes", "id")]
    return record is not None and all(record.get(name) == row[name] for name in names)


def _receipt(client: SalesforceClient, write: Write, answer: Mapping[str, Any]) -> Receipt:
    if answer.get("success"):
        return Receipt(key=write.key, crm_id=write.crm_id)
    errors = answer.get("errors") or [{}]
    code = row_code(errors[0])
    limit = limit_of_row(code, crm=client.crm)
    if limit:
        raise limit
    return Receipt(key=write.key, crm_id=write.crm_id, verdict=row_verdict(code), message=row_refusal(errors))
