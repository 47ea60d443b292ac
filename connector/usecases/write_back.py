"""Write back: push the values that changed to CRM records, each with its old value logged before the push."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from connector.domain.programs import Mode, Policy
from connector.domain.records import RecordKind
from connector.domain.write_back import WRITE_FIELDS, changed_values, wanted_values
from connector.ports.clock import Clock
from connector.ports.crm import CrmAdapter, Receipt, Write
from connector.ports.errors import CrmError, Verdict
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.storage.writing import DirtyRecord, LoggedWrite
from connector.ports.wiring import Crm
from connector.usecases.gating import written_programs
from connector.usecases.sync import pin_organisation

RETRY_AFTER = timedelta(minutes=15)
"""How long a write waits after a failure that passes (our choice, as long as a sync interval)."""
REFUSED_AFTER = timedelta(days=1)
"""How long a refused write waits: people mend what the CRM refuses, and each try takes of our share of its requests."""
SHOWN_IN_SHADOW = 10_000
"""Dirty records that shadow mode looks at to say what it would write."""


@dataclass(slots=True, kw_only=True)
class WriteReport:
    """What a write-back did, in records; `refused` says why for each record that the CRM refused.

    `left_to_home` are records that the home CRM gets the writes of. `unread` names words, such as `account.score`, of
    which no sync has read yet what the CRM shows: their kind waits, as no old value could be logged.
    """

    written: int = 0
    unchanged: int = 0
    left_to_home: int = 0
    postponed: int = 0
    would_write: int = 0
    is_stopped: bool = False
    refused: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def write_back(crm: Crm, *, storage: Storage, policy: Policy, clock: Clock, home: Crm | None = None) -> WriteReport:
    """Push every changed value of dirty records, contacts before accounts, a batch at a time; in shadow only count.

    Records of accounts that are not listed keep their marks: in test mode all, in a live house those whose newest
    answer, or an action that is open there, is of a program in test.
    What the CRM `home` knows too is written there only: the marks of this CRM's record go without a write.
    Opens the CRM only where there is something to write, and reads the stop switch before every batch. A failure
    that passes postpones the batch and ends the run; one that stops is raised, and a later run pushes the batch
    again. What the CRM refuses is tried again after a day, or as soon as the record is marked anew.
    """
    flusher = _Flusher(crm=crm, storage=storage, policy=policy, clock=clock, home=home)
    for kind in dict.fromkeys(each.kind for each in WRITE_FIELDS):
        if crm.write_words.get(kind) and not flusher.report.postponed:
            flusher.flush(kind)
    return flusher.report


@dataclass(slots=True, kw_only=True)
class _Flusher:
    crm: Crm
    storage: Storage
    policy: Policy
    clock: Clock
    home: Crm | None
    report: WriteReport = field(default_factory=WriteReport)
    passed: dict[RecordKind, int] = field(default_factory=dict)
    """The last record that was kept back, so that a run looks at none of these twice."""

    def flush(self, kind: RecordKind) -> None:
        """Write every dirty record of a kind that is due."""
        if self.policy.mode is Mode.SHADOW:
            with self.storage.begin() as unit:
                dirty = self._dirty(unit, kind, limit=SHOWN_IN_SHADOW)
            self.report.would_write += len(self._changed(kind, dirty))
            return
        if self._waits_for_sync(kind):
            return
        batch = self._next_batch(kind)
        if not batch:
            return
        with self.crm.open() as adapter:
            pin_organisation(self.crm, adapter, storage=self.storage, clock=self.clock)
            while batch and self._push(adapter, kind, batch):
                batch = self._next_batch(kind)

    def _next_batch(self, kind: RecordKind) -> list[LoggedWrite]:
        """The next changed records, logged; records without a change lose their marks on the way."""
        while True:
            with self.storage.begin() as unit:
                self.report.is_stopped = unit.switches.stopped_at() is not None
                limit = self.crm.capabilities.max_batch
                found = () if self.report.is_stopped else self._dirty(unit, kind, limit=limit)
                dirty = self._let_through(unit, kind, found)
                writes = self._changed(kind, dirty)
                changed = {write.record.record_id for write in writes}
                unit.write_backs.clean([record for record in dirty if record.record_id not in changed])
                unit.write_backs.log(writes, at=self.clock.now())
                unit.commit()
            left = sum(record.is_known_at_home for record in dirty)
            self.report.left_to_home += left
            self.report.unchanged += len(dirty) - len(writes) - left
            if writes or not found:
                return writes

    def _waits_for_sync(self, kind: RecordKind) -> bool:
        with self.storage.snapshot() as unit:
            unread = unit.write_backs.unread(self.crm.name, kind, words=self.crm.write_words[kind])
        self.report.unread += [f"{kind}.{word}" for word in unread]
        return bool(unread)

    def _dirty(self, unit: UnitOfWork, kind: RecordKind, *, limit: int) -> Sequence[DirtyRecord]:
        """The next dirty records; a home that does not write the kind leaves it to each CRM."""
        home = self.home.name if self.home is not None and self.home.write_words.get(kind) else None
        accounts = unit.families.listed(self.policy.listed) if self.policy.mode is Mode.TEST else None
        now = self.clock.now()
        return unit.write_backs.dirty(
            self.crm.name, kind, now=now, limit=limit, home=home, accounts=accounts, after=self.passed.get(kind, 0)
        )

    def _let_through(self, unit: UnitOfWork, kind: RecordKind, dirty: Sequence[DirtyRecord]) -> Sequence[DirtyRecord]:
        """Without those that test mode does not reach in a live house, which keep their marks and are passed by."""
        seen = written_programs(unit, self.policy)
        tested = [
            each.record_id for each in dirty if seen is not None and each.standing and each.standing.programs - seen
        ]
        if not tested:
            return dirty
        accounts = unit.families.listed(self.policy.listed)
        kept_back = set(tested) - set(unit.write_backs.at(kind, tested, accounts=accounts))
        self.passed[kind] = max(kept_back, default=self.passed.get(kind, 0))
        return [each for each in dirty if each.record_id not in kept_back]

    def _changed(self, kind: RecordKind, dirty: Sequence[DirtyRecord]) -> list[LoggedWrite]:
        writes = []
        for record in (each for each in dirty if not each.is_known_at_home):
            wanted = wanted_values(record.standing, zone=self.policy.organisation.zone)
            ours = {word: value for word, value in wanted.items() if word in self.crm.write_words[kind]}
            values = changed_values(ours, written=record.written)
            if values:
                key = f"{record.crm}-{kind}-{record.record_id}-{max(record.dirty_ids)}"
                writes.append(LoggedWrite(record=record, key=key, values=values))
        return writes

    def _push(self, adapter: CrmAdapter, kind: RecordKind, batch: Sequence[LoggedWrite]) -> bool:
        """Push one batch and note its receipts; False where a failure that passes ends the run."""
        writes = [Write(key=each.key, crm_id=each.record.crm_id, values=each.values) for each in batch]
        try:
            receipts = adapter.push(kind, writes)
        except CrmError as error:
            if error.verdict is not Verdict.RETRY:
                raise
            receipts = [
                Receipt(key=each.key, crm_id=each.crm_id, verdict=Verdict.RETRY, message=str(error)) for each in writes
            ]
        self._settle(batch, receipts)
        return all(receipt.verdict is not Verdict.RETRY for receipt in receipts)

    def _settle(self, batch: Sequence[LoggedWrite], receipts: Sequence[Receipt]) -> None:
        now = self.clock.now()
        with self.storage.begin() as unit:
            for write, receipt in zip(batch, receipts, strict=True):
                wait = REFUSED_AFTER if receipt.verdict is Verdict.SKIP else RETRY_AFTER
                unit.write_backs.settle(write, receipt, at=now, retry_at=now + wait)
                self._count(receipt)
            unit.commit()

    def _count(self, receipt: Receipt) -> None:
        if receipt.verdict is None:
            self.report.written += 1
        elif receipt.verdict is Verdict.RETRY:
            self.report.postponed += 1
        else:
            self.report.refused.append(f"{receipt.crm_id}: {receipt.message}")
