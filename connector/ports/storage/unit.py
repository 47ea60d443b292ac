"""The unit of work: everything that is done together is committed together, or not at all."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from connector.ports.storage.acting import ActionStore, PlaceStore, TaskStore
from connector.ports.storage.asking import InvitationStore, MessageStore
from connector.ports.storage.counting import CountStore
from connector.ports.storage.deriving import DerivedStore
from connector.ports.storage.explaining import ExplanationStore, ProspectStore
from connector.ports.storage.families import FamilyStore
from connector.ports.storage.firing import FireStore
from connector.ports.storage.hearing import OptOutStore, ResponseStore
from connector.ports.storage.listening import DecisionStore, OccurrenceStore, PlanStore
from connector.ports.storage.records import RecordStore
from connector.ports.storage.running import ConnectionStore, RunStore, SwitchStore
from connector.ports.storage.viewing import ViewStore
from connector.ports.storage.writing import WriteBackStore


class UnitOfWork(Protocol):
    """One transaction over every aggregate; leaving it without `commit` undoes it."""

    @property
    def records(self) -> RecordStore: ...
    @property
    def derived(self) -> DerivedStore: ...
    @property
    def families(self) -> FamilyStore: ...
    @property
    def occurrences(self) -> OccurrenceStore: ...
    @property
    def decisions(self) -> DecisionStore: ...
    @property
    def plans(self) -> PlanStore: ...
    @property
    def explanations(self) -> ExplanationStore: ...
    @property
    def prospects(self) -> ProspectStore: ...
    @property
    def invitations(self) -> InvitationStore: ...
    @property
    def messages(self) -> MessageStore: ...
    @property
    def responses(self) -> ResponseStore: ...
    @property
    def opt_outs(self) -> OptOutStore: ...
    @property
    def actions(self) -> ActionStore: ...
    @property
    def tasks(self) -> TaskStore: ...
    @property
    def places(self) -> PlaceStore: ...
    @property
    def write_backs(self) -> WriteBackStore: ...
    @property
    def connections(self) -> ConnectionStore: ...
    @property
    def runs(self) -> RunStore: ...
    @property
    def switches(self) -> SwitchStore: ...
    @property
    def fires(self) -> FireStore: ...
    @property
    def views(self) -> ViewStore: ...
    @property
    def counts(self) -> CountStore: ...

    def wake(self, job: str, *, at: datetime, not_before: datetime | None = None) -> None:
        """Announce work for a job together with the work itself: due as of `at`, business time, with this commit.

        Held back until `not_before`, real time, where one is given. However often a job is announced before it runs,
        it runs once. Never raises: work whose wake is lost waits for the job's next slot.
        """
        ...

    def commit(self) -> None:
        """Make everything done so far in this unit durable; the unit can go on with a new transaction."""
        ...


class Storage(Protocol):
    """Opens units of work. Raises StorageError where the database refuses or cannot be reached."""

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """A unit that reads and writes."""
        ...

    def snapshot(self) -> AbstractContextManager[UnitOfWork]:
        """A unit that only reads, all of it as of one moment (PostgreSQL: repeatable read)."""
        ...

    def claim(self, key: str) -> AbstractContextManager[bool]:
        """Hold the claim of a key while the block runs; False, without waiting, where somebody else has it.

        Seen by everybody who works on this database: threads, processes and, on PostgreSQL, other machines. A dead
        process lets go by itself.
        """
        ...
