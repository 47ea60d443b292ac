"""The contract of a storage: subclass `StoreContract`, give it `storage` and `rows`, and it says whether yours is done.

`storage` is a fresh, empty, migrated storage; `rows` reads one of its tables (`store_rows.Rows`).
"""

from connector.testing.store_acting import ActionContract
from connector.testing.store_contract_asking import AskingContract, HearingContract
from connector.testing.store_counterparts import CounterpartContract
from connector.testing.store_counting import CountContract
from connector.testing.store_derived import DerivedContract
from connector.testing.store_families import FamilyContract
from connector.testing.store_firing import FireContract, StandingContract, WakeContract
from connector.testing.store_gone import FullPullContract, MergeContract, RemovalContract
from connector.testing.store_holds import HoldContract
from connector.testing.store_joined import JoinContract
from connector.testing.store_joined_persons import JoinedPersonContract
from connector.testing.store_joined_shared import ReusedContract, SharedAddressContract
from connector.testing.store_left import LeftCompanyContract
from connector.testing.store_persons import AddressChangeContract, DepartureContract, PersonContract
from connector.testing.store_records import CursorContract, FieldChangeContract, PageContract, RefusalContract
from connector.testing.store_running import ClaimContract, ConnectionContract, RunContract, SwitchContract
from connector.testing.store_sequences import SequenceContract
from connector.testing.store_tasks import TaskContract
from connector.testing.store_troubles import TroubleContract
from connector.testing.store_views import AccountListContract, AccountViewContract
from connector.testing.store_voices import VoicesContract
from connector.testing.store_writing import WriteBackContract


class StoreContract(
    PageContract,
    FieldChangeContract,
    CursorContract,
    RefusalContract,
    RemovalContract,
    FullPullContract,
    MergeContract,
    PersonContract,
    AddressChangeContract,
    DepartureContract,
    LeftCompanyContract,
    JoinContract,
    JoinedPersonContract,
    SharedAddressContract,
    ReusedContract,
    FamilyContract,
    DerivedContract,
    CounterpartContract,
    SequenceContract,
    ConnectionContract,
    RunContract,
    SwitchContract,
    ClaimContract,
    FireContract,
    WakeContract,
    StandingContract,
    AskingContract,
    HearingContract,
    HoldContract,
    WriteBackContract,
    ActionContract,
    TaskContract,
    VoicesContract,
    CountContract,
    AccountListContract,
    AccountViewContract,
    TroubleContract,
):
    """All cases."""
