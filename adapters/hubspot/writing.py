"""Our properties on their records: compare, set what differs, and give each write its receipt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.hubspot.client import HubspotClient
from adapters.hubspot.failures import RefusedBatch, read_complaint, refusal, row_verdict
from adapters.hubspot.mapping import PLURALS, Converter, write_property, written_value
from connector.domain.records import RecordKind
from connector.ports.crm import Receipt, Write
from connector.ports.errors import Verdict

_LEFT_OUT = "HubSpot left this record out without an error: it was deleted, or merged into another"


def push_writes(
    client: HubspotClient, kind: RecordKind, writes: Sequence[Write], *, max_batch: int, read: Mapping[str, Converter]
) -> list[Receipt]:
    """One receipt per write, in their order; a record that already shows the values is not touched again.

    `read` gives for each word of ours ("ours." before it) how HubSpot's text becomes a value: numbers and days come
    back in another form than they were written in.
    """
    pushing = _Pushing(client=client, name=PLURALS[kind], read=read)
    return [receipt for calls in _calls(writes, max_batch) for receipt in pushing.receipts(calls)]


def _calls(writes: Sequence[Write], max_batch: int) -> Iterator[list[Write]]:
    """Runs of at most `max_batch` writes with each record once: a batch that names one twice is refused whole."""
    call: list[Write] = []
    named: set[str] = set()
    for write in writes:
        if len(call) == max_batch or write.crm_id in named:
            yield call
            call, named = [], set()
        call.append(write)
        named.add(write.crm_id)
    if call:
        yield call


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pushing:
    client: HubspotClient
    name: str
    read: Mapping[str, Converter]

    def receipts(self, writes: Sequence[Write]) -> list[Receipt]:
        """Setting a property to its own value would still start the portal's workflows, so those are left out."""
        done = self._showing(writes)
        found = self._updated([write for write in writes if write.crm_id not in done])
        return [found.get(write.crm_id) or Receipt(key=write.key, crm_id=write.crm_id) for write in writes]

    def _showing(self, writes: Sequence[Write]) -> set[str]:
        """The ids of the records that show their values already."""
        words = sorted({word for write in writes for word in write.values})
        ids = [write.crm_id for write in writes if write.crm_id.isdigit()]
        if not ids or not words:
            return set()
        found = self.client.read(self.name, ids=ids, properties=[write_property(word) for word in words])
        records = {str(record["id"]): record["properties"] for record in found}
        return {write.crm_id for write in writes if self._shows(write, records.get(write.crm_id))}

    def _shows(self, write: Write, record: Mapping[str, Any] | None) -> bool:
        if record is None:
            return False
        texts = {word: record.get(write_property(word)) for word in write.values}
        return all(self.read[f"ours.{word}"]([text]) == write.values[word] for word, text in texts.items())

    def _updated(self, writes: Sequence[Write]) -> dict[str, Receipt]:
        """Receipts by id. One bad value makes HubSpot refuse a whole batch, so a refused one is halved."""
        if not writes:
            return {}
        try:
            answer = self.client.update(self.name, [_input(write) for write in writes])
        except RefusedBatch as error:
            if len(writes) == 1:
                return {writes[0].crm_id: _refused(writes[0], Verdict.SKIP, error.said)}
            half = len(writes) // 2
            return {**self._updated(writes[:half]), **self._updated(writes[half:])}
        taken = {str(record["id"]) for record in answer.records}
        found = {write.crm_id: Receipt(key=write.key, crm_id=write.crm_id) for write in writes if write.crm_id in taken}
        for write in (write for write in writes if write.crm_id not in taken):
            error_of = next((one for one in answer.errors if _is_about(one, write)), None)
            if error_of is not None:
                found[write.crm_id] = _complaint(write, error_of)
        return found | self._left_out([write for write in writes if write.crm_id not in found])

    def _left_out(self, writes: Sequence[Write]) -> dict[str, Receipt]:
        """Rows that no answer mentions: looked at once more, because it is not said that nothing was done."""
        done = self._showing(writes) if writes else set()
        return {
            write.crm_id: Receipt(key=write.key, crm_id=write.crm_id)
            if write.crm_id in done
            else _refused(write, Verdict.SKIP, _LEFT_OUT)
            for write in writes
        }


def _input(write: Write) -> dict[str, Any]:
    properties = {write_property(word): written_value(value) for word, value in write.values.items()}
    return {"id": write.crm_id, "properties": properties}


def _is_about(error: Mapping[str, Any], write: Write) -> bool:
    """Whether a complaint of a batch names the record; its context is a map of lists of texts."""
    named = (error.get("context") or {}).values()
    return write.crm_id in {str(one) for values in named for one in (values if isinstance(values, list) else [values])}


def _complaint(write: Write, error: Mapping[str, Any]) -> Receipt:
    found = read_complaint(error)
    return _refused(write, row_verdict(found.category), refusal(found))


def _refused(write: Write, verdict: Verdict, message: str) -> Receipt:
    return Receipt(key=write.key, crm_id=write.crm_id, verdict=verdict, message=message)
