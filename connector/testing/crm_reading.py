"""The reading half of the adapter contract: everything once, then what changed and only that; nothing is lost."""

from datetime import date, datetime, timedelta

import pytest

from connector.domain.records import WELL_KNOWN, FactType, RecordKind
from connector.domain.write_back import WRITE_FIELDS
from connector.ports.crm import CrmAdapter, Removal
from connector.ports.errors import UnsupportedKind
from connector.testing.crm_pages import column_of, ids_of, removed_by
from connector.testing.crm_world import CrmWorld

CONTACT, ACCOUNT, OWNER = RecordKind.CONTACT, RecordKind.ACCOUNT, RecordKind.OWNER
_TYPES: dict[FactType, tuple[type, ...]] = {
    FactType.TEXT: (str,),
    FactType.NUMBER: (int, float),
    FactType.DATE: (date,),
    FactType.BOOLEAN: (bool,),
}


class ReadingCases:
    """Everything once, then what changed and only that; nothing is lost."""

    def _start(self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind = CONTACT) -> str:
        """The cursor after all that has happened so far."""
        if not adapter.capabilities.incremental:
            pytest.skip("pulls everything each time")
        world.settle()
        return list(adapter.pull(kind, None))[-1].cursor

    @pytest.mark.parametrize("kind", list(RecordKind))
    def test_every_record_comes_once_over_small_pages(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        if kind not in adapter.capabilities.reads:
            pytest.skip("does not read this kind")
        world.small_pages()
        pages = list(adapter.pull(kind, None))
        assert sorted(ids_of(pages)) == sorted(world.ids(kind))
        assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
        assert {(page.kind, page.is_full) for page in pages} == {(kind, True)}
        assert kind is not CONTACT or len(pages) > 4

    @pytest.mark.parametrize("kind", list(RecordKind))
    def test_rows_hold_a_value_of_the_right_type_for_each_column(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        if kind not in adapter.capabilities.reads:
            pytest.skip("does not read this kind")
        declared = {fact.word: fact.type for fact in world.declared if fact.kind is kind}
        expected = {**WELL_KNOWN[kind], **declared}
        own = {field.word: field.type for field in WRITE_FIELDS}
        for page in adapter.pull(kind, None):
            assert page.columns[:2] == ("crm_id", "stamp")
            assert {len(row) for row in page.rows} <= {len(page.columns)}
            for crm_id, stamp, *values in page.rows:
                assert isinstance(crm_id, str)
                assert isinstance(stamp, datetime)
                assert stamp.utcoffset() == timedelta(0)
                for word, value in zip(page.columns[2:], values, strict=True):
                    fact_type = expected[word] if word in expected else own[word.removeprefix("ours.")]
                    assert value is None or type(value) in _TYPES[fact_type], (word, value)

    def test_parents_accounts_and_owners_resolve(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        accounts = list(adapter.pull(ACCOUNT, None))
        parents = {value for value in column_of(accounts, "parent").values() if value}
        assert parents
        assert parents <= world.ids(ACCOUNT)
        assert set(column_of(accounts, "owner").values()) - {None} <= world.ids(OWNER)
        contacts = list(adapter.pull(CONTACT, None))
        assert set(column_of(contacts, "account").values()) - {None} <= world.ids(ACCOUNT)

    def test_a_pull_of_everything_resumes_from_any_cursor(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        world.small_pages()
        pages = list(adapter.pull(CONTACT, None))
        for number, page in enumerate(pages[:-1], start=1):
            with world.open() as another:
                rest = list(another.pull(CONTACT, page.cursor))
            assert set(ids_of(pages[:number])) | set(ids_of(rest)) == world.ids(CONTACT)
            assert len(ids_of(rest)) <= len(ids_of(pages[number - 1 :]))
            assert all(page.is_full for page in rest)

    def test_where_nothing_changed_one_empty_last_page_comes_again_and_again(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        cursor = self._start(world, adapter)
        for turn in range(3):
            pages = list(adapter.pull(CONTACT, cursor))
            assert [(len(page.rows), len(page.removed), page.is_last, page.is_full) for page in pages] == [
                (0, 0, True, False)
            ]
            cursor = pages[-1].cursor
            if turn:
                world.settle()

    def test_what_changed_and_only_that_comes_once(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        cursor = self._start(world, adapter)
        changed = sorted(world.ids(CONTACT))[3:8]
        world.touch(CONTACT, changed)
        world.settle()
        pages = list(adapter.pull(CONTACT, cursor))
        assert sorted(ids_of(pages)) == changed
        assert {page.is_full for page in pages} == {False}
        assert ids_of(list(adapter.pull(CONTACT, pages[-1].cursor))) == []

    def test_a_change_made_while_everything_is_pulled_comes_next_time(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        self._start(world, adapter)
        world.small_pages()
        changed = [min(world.ids(CONTACT)), max(world.ids(CONTACT))]
        pages = []
        for page in adapter.pull(CONTACT, None):
            pages.append(page)
            if len(pages) == 2:
                world.touch(CONTACT, changed)
                world.settle()
        assert set(ids_of(list(adapter.pull(CONTACT, pages[-1].cursor)))) == set(changed)

    def test_many_changes_of_one_second_and_few_of_another_come_once_and_resume_from_any_cursor(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        cursor = self._start(world, adapter)
        changed = sorted(world.ids(CONTACT))[:245]
        world.touch(CONTACT, changed[5:])
        world.settle()
        world.touch(CONTACT, changed[:5])
        world.settle()
        world.small_pages()
        pages = list(adapter.pull(CONTACT, cursor))
        assert sorted(ids_of(pages)) == changed
        for number, page in enumerate(pages[:-1], start=1):
            with world.open() as another:
                rest = list(another.pull(CONTACT, page.cursor))
            assert sorted({*ids_of(pages[:number]), *ids_of(rest)}) == changed

    def test_a_change_that_is_committed_late_is_not_lost(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        cursor = self._start(world, adapter)
        late, soon = sorted(world.ids(CONTACT))[10:12]
        world.settle()
        world.touch(CONTACT, [soon])
        world.settle()
        world.touch_late(CONTACT, late)
        first = list(adapter.pull(CONTACT, cursor))
        assert late not in ids_of(first)
        world.commit_late()
        world.settle()
        second = list(adapter.pull(CONTACT, first[-1].cursor))
        assert {*ids_of(first), *ids_of(second)} == {late, soon}
        assert late in ids_of(second)

    def test_a_deleted_record_comes_once_as_a_removal(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        if not adapter.capabilities.deletions:
            pytest.skip("does not tell deletions")
        cursor = self._start(world, adapter)
        gone = sorted(world.ids(CONTACT))[20]
        world.delete(CONTACT, gone)
        world.settle()
        pages = list(adapter.pull(CONTACT, cursor))
        assert removed_by(pages) == [Removal(crm_id=gone)]
        assert gone not in ids_of(pages)
        assert removed_by(list(adapter.pull(CONTACT, pages[-1].cursor))) == []
        assert gone not in ids_of(list(adapter.pull(CONTACT, None)))

    @pytest.mark.parametrize("kind", [ACCOUNT, CONTACT])
    def test_a_merged_record_names_its_winner(self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind) -> None:
        if not adapter.capabilities.deletions:
            pytest.skip("does not tell deletions")
        cursor = self._start(world, adapter, kind)
        before = world.ids(kind)
        winner, loser = sorted(before)[5:7]
        world.merge(kind, loser, winner=winner)
        after = world.ids(kind)
        survivor = next(iter(after - before), winner)  # some CRMs give the joined record an id of its own
        gone = before - after
        assert loser in gone <= {winner, loser} - {survivor}
        world.settle()
        removals = removed_by(list(adapter.pull(kind, cursor)))
        assert sorted(removals, key=lambda removal: removal.crm_id) == [
            Removal(crm_id=crm_id, merged_into=survivor) for crm_id in sorted(gone)
        ]

    def test_a_kind_that_cannot_be_read_raises_before_any_request(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        before = world.requests()
        for kind in set(RecordKind) - adapter.capabilities.reads:
            with pytest.raises(UnsupportedKind):
                adapter.pull(kind, None)
            with pytest.raises(UnsupportedKind):
                adapter.fields(kind)
        assert world.requests() == before

    def test_fields_name_the_sources_of_the_declared_facts(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        for fact, source in world.declared.items():
            found = {field.name: field for field in adapter.fields(fact.kind)}
            assert source.partition(".")[2] in found
