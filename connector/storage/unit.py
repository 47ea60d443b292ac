"""The unit of work on one connection: every aggregate's store shares its transaction."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

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
from connector.storage.actions import SqlActions
from connector.storage.asking import SqlInvitations, SqlMessages
from connector.storage.counting import SqlCounts
from connector.storage.derived import SqlDerived
from connector.storage.explaining import SqlExplanations
from connector.storage.families import SqlFamilies
from connector.storage.firing import SqlFires
from connector.storage.hearing import SqlOptOuts, SqlResponses
from connector.storage.listening import SqlDecisions, SqlOccurrences, SqlPlans
from connector.storage.prospects import SqlProspects
from connector.storage.records import SqlRecords
from connector.storage.running import SqlConnections, SqlRuns, SqlSwitches
from connector.storage.task_places import SqlPlaces
from connector.storage.tasks import SqlTasks
from connector.storage.viewing import SqlViews
from connector.storage.writing import SqlWriteBacks


class SqlUnit:
    """One transaction at a time; closing the connection undoes what was not committed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def commit(self) -> None:
        """Make everything done so far durable; the next statement begins a new transaction."""
        self.connection.commit()

    @property
    def records(self) -> RecordStore:
        """Records, their cursors, changes and persons."""
        return SqlRecords(self.connection)

    @property
    def derived(self) -> DerivedStore:
        """Facts that are derived from several records."""
        return SqlDerived(self.connection)

    @property
    def families(self) -> FamilyStore:
        """Which accounts belong together."""
        return SqlFamilies(self.connection)

    @property
    def occurrences(self) -> OccurrenceStore:
        """Milestones that came due."""
        return SqlOccurrences(self.connection)

    @property
    def decisions(self) -> DecisionStore:
        """Candidates and their verdicts."""
        return SqlDecisions(self.connection)

    @property
    def plans(self) -> PlanStore:
        """Dry runs."""
        return SqlPlans(self.connection)

    @property
    def explanations(self) -> ExplanationStore:
        """What is stored of one person."""
        return SqlExplanations(self.connection)

    @property
    def prospects(self) -> ProspectStore:
        """How near milestones are."""
        return SqlProspects(self.connection)

    @property
    def invitations(self) -> InvitationStore:
        """Invitations by decision or link."""
        return SqlInvitations(self.connection)

    @property
    def messages(self) -> MessageStore:
        """The outbox."""
        return SqlMessages(self.connection)

    @property
    def responses(self) -> ResponseStore:
        """What people answered."""
        return SqlResponses(self.connection)

    @property
    def opt_outs(self) -> OptOutStore:
        """Who does not want to be asked."""
        return SqlOptOuts(self.connection)

    @property
    def actions(self) -> ActionStore:
        """What answers ask of us."""
        return SqlActions(self.connection)

    @property
    def tasks(self) -> TaskStore:
        """How owners see actions in the CRM."""
        return SqlTasks(self.connection)

    @property
    def places(self) -> PlaceStore:
        """Where a task can live, and who can have it."""
        return SqlPlaces(self.connection)

    @property
    def write_backs(self) -> WriteBackStore:
        """What to write where, and what was written."""
        return SqlWriteBacks(self.connection)

    @property
    def connections(self) -> ConnectionStore:
        """Pinned org ids, fact sources and configurations."""
        return SqlConnections(self.connection)

    @property
    def runs(self) -> RunStore:
        """The history of runs."""
        return SqlRuns(self.connection)

    @property
    def switches(self) -> SwitchStore:
        """The stop switch."""
        return SqlSwitches(self.connection)

    @property
    def fires(self) -> FireStore:
        """The fire ledger."""
        return SqlFires(self.connection)

    @property
    def views(self) -> ViewStore:
        """What pages look at."""
        return SqlViews(self.connection)

    @property
    def counts(self) -> CountStore:
        """What is known, in numbers."""
        return SqlCounts(self.connection)

    def wake(self, job: str, *, at: datetime, not_before: datetime | None = None) -> None:
        """Announce work for a job, in a savepoint: what it rides on is committed whatever becomes of it."""
        with suppress(SQLAlchemyError), self.connection.begin_nested():
            SqlFires(self.connection).wake(job, at=at, not_before=not_before)
