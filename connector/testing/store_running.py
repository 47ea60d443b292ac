"""What every store must remember of connections, runs and the stop switch."""

import pytest

from connector.ports.errors import StorageError
from connector.ports.storage.running import Run
from connector.ports.storage.unit import Storage
from connector.testing.store_pages import hour
from connector.testing.store_rows import Rows


class ConnectionContract:
    """What is pinned and remembered."""

    def test_a_connection_is_pinned_once(self, storage: Storage, rows: Rows) -> None:
        with storage.begin() as unit:
            assert unit.connections.pinned_org("salesforce") is None
            unit.connections.pin("salesforce", "00D1", at=hour(1))
            unit.connections.pin("salesforce", "00D1", at=hour(2))
            unit.commit()
        with pytest.raises(StorageError), storage.begin() as unit:
            unit.connections.pin("salesforce", "00D2", at=hour(3))
        assert [(row["org_id"], row["pinned_at"]) for row in rows("connection")] == [("00D1", hour(1))]
        with storage.snapshot() as unit:
            assert unit.connections.pinned_org("salesforce") == "00D1"

    def test_facts_that_are_new_or_read_elsewhere_are_told(self, storage: Storage, rows: Rows) -> None:
        with storage.begin() as unit:
            first = {"account.kind": "Account.Type", "contact.level": "Contact.Level"}
            assert unit.connections.remap("salesforce", first, at=hour(1)) == frozenset(first)
            assert unit.connections.remap("hubspot", first, at=hour(1)) == frozenset(first)
            second = first | {"account.kind": "Account.Kind__c", "account.region": "Account.Region"}
            assert unit.connections.remap("salesforce", second, at=hour(2)) == {"account.kind", "account.region"}
            assert unit.connections.remap("salesforce", {"contact.level": "Contact.Level"}, at=hour(3)) == frozenset()
            unit.commit()
        ours = {
            row["fact"]: (row["source"], row["mapped_at"]) for row in rows("fact_mapping") if row["crm"] != "hubspot"
        }
        assert ours == {
            "account.kind": ("Account.Kind__c", hour(2)),
            "account.region": ("Account.Region", hour(2)),
            "contact.level": ("Contact.Level", hour(1)),
        }

    def test_a_configuration_is_stored_once_under_its_digest(self, storage: Storage, rows: Rows) -> None:
        with storage.begin() as unit:
            unit.connections.remember("d1", {"closedloop.yaml": "mode: shadow"}, at=hour(1))
            unit.connections.remember("d1", {"closedloop.yaml": "other"}, at=hour(2))
            unit.commit()
        assert list(rows("configuration")) == [
            {"digest": "d1", "texts": {"closedloop.yaml": "mode: shadow"}, "first_used_at": hour(1)}
        ]


class RunContract:
    """The history of runs."""

    def test_the_newest_run_of_each_stage_is_shown_as_it_ended(self, storage: Storage) -> None:
        with storage.begin() as unit:
            unit.runs.finish(unit.runs.start("sync", at=hour(1)), at=hour(2), outcome="ok", counts={"pages": 3})
            unit.runs.start("plan", at=hour(3))
            newest = unit.runs.start("sync", at=hour(4))
            unit.runs.finish(newest, at=hour(5), outcome="failed", counts={}, error="The CRM refused")
            unit.commit()
        with storage.snapshot() as unit:
            assert list(unit.runs.latest()) == [
                Run(stage="plan", started_at=hour(3), finished_at=None, outcome=None, counts={}, error=None),
                Run(
                    stage="sync",
                    started_at=hour(4),
                    finished_at=hour(5),
                    outcome="failed",
                    counts={},
                    error="The CRM refused",
                ),
            ]

    def test_a_run_that_is_not_committed_is_not_there(self, storage: Storage) -> None:
        with storage.begin() as unit:
            unit.runs.start("sync", at=hour(1))
        with storage.snapshot() as unit:
            assert list(unit.runs.latest()) == []

    def test_a_unit_goes_on_after_its_commit(self, storage: Storage) -> None:
        with storage.begin() as unit:
            unit.runs.start("sync", at=hour(1))
            unit.commit()
            unit.runs.start("plan", at=hour(2))
        with storage.snapshot() as unit:
            assert [run.stage for run in unit.runs.latest()] == ["sync"]


class SwitchContract:
    """The stop switch."""

    def test_the_switch_stands_from_the_first_stop_to_the_resume(self, storage: Storage) -> None:
        with storage.begin() as unit:
            assert (unit.switches.stopped_at(), unit.switches.resume()) == (None, False)
            unit.switches.stop(at=hour(1), reason="wrong text")
            unit.switches.stop(at=hour(2), reason=None)
            assert unit.switches.stopped_at() == hour(1)
            assert (unit.switches.resume(), unit.switches.stopped_at()) == (True, None)
