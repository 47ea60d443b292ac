"""What every store must remember of connections, runs and the stop switch, and who holds a claim."""

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

    def test_facts_that_are_new_or_read_otherwise_are_told_and_others_forgotten(
        self, storage: Storage, rows: Rows
    ) -> None:
        with storage.begin() as unit:
            first = {"account.kind": "Account.Type", "contact.level": "Contact.Level"}
            assert unit.connections.remap("salesforce", first, at=hour(1)) == frozenset(first)
            assert unit.connections.remap("hubspot", first, at=hour(1)) == frozenset(first)
            second = first | {"account.kind": "Account.Kind__c", "account.region": "Account.Region"}
            assert unit.connections.remap("salesforce", second, at=hour(2)) == {"account.kind", "account.region"}
            fewer = {fact: source for fact, source in second.items() if fact != "account.region"}
            assert unit.connections.remap("salesforce", fewer, at=hour(3)) == frozenset()
            assert unit.connections.remap("salesforce", second, at=hour(4)) == {"account.region"}
            unit.commit()
        ours = {
            row["fact"]: (row["source"], row["mapped_at"]) for row in rows("fact_mapping") if row["crm"] != "hubspot"
        }
        assert ours == {
            "account.kind": ("Account.Kind__c", hour(2)),
            "account.region": ("Account.Region", hour(4)),
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

    def test_the_configuration_that_was_used_last_is_remembered_first(self, storage: Storage) -> None:
        with storage.begin() as unit:
            for number in (2, 3, 1):
                unit.connections.remember(f"d{number}", {"closedloop.yaml": str(number)}, at=hour(number))
            unit.commit()
            texts = [each["closedloop.yaml"] for each in unit.connections.remembered(limit=2)]
        assert texts == ["3", "2"]


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

    def test_old_runs_are_forgotten_but_the_newest_of_each_job_stands(self, storage: Storage, rows: Rows) -> None:
        with storage.begin() as unit:
            for n, stage in enumerate(["sync:sf", "plan", "sync:sf", "sync:sf"]):
                unit.runs.start(stage, at=hour(n))
            assert unit.runs.forget(before=hour(3)) == 2
            unit.commit()
        assert [(row["stage"], row["started_at"]) for row in rows("run")] == [("plan", hour(1)), ("sync:sf", hour(3))]

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
            assert unit.switches.stop_reason() == "wrong text"
            assert (unit.switches.resume(), unit.switches.stopped_at()) == (True, None)
            unit.switches.stop(at=hour(3), reason=None)
            assert (unit.switches.stopped_at(), unit.switches.stop_reason()) == (hour(3), None)
            assert unit.switches.resume()
            assert unit.switches.stop_reason() is None


class ClaimContract:
    """One holder of a key at a time."""

    def test_a_claim_is_held_by_one_at_a_time_and_each_key_has_its_own(self, storage: Storage) -> None:
        for _ in range(2):
            with storage.claim("ask") as first, storage.claim("ask") as second, storage.claim("plan") as other:
                assert (first, second, other) == (True, False, True)
            with storage.claim("ask") as is_ours:
                assert is_ours

    def test_a_claim_that_another_has_stays_with_it(self, storage: Storage) -> None:
        with storage.claim("ask"):
            with storage.claim("ask"):
                pass
            with storage.claim("ask") as is_ours:
                assert not is_ours

    def test_a_claim_is_let_go_where_its_block_fails(self, storage: Storage) -> None:
        def fail(is_ours: bool) -> None:
            raise ZeroDivisionError(is_ours)

        for _ in range(2):
            with pytest.raises(ZeroDivisionError, match="True"), storage.claim("write_back:sf") as is_ours:
                fail(is_ours)

    def test_the_holder_of_a_claim_can_work_meanwhile(self, storage: Storage) -> None:
        with storage.claim("sync"), storage.begin() as unit:
            unit.runs.start("sync", at=hour(1))
            unit.commit()
        with storage.snapshot() as unit:
            assert [run.stage for run in unit.runs.latest()] == ["sync"]
