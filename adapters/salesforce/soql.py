"""The queries of a pull. Values are moments and record ids of the org's own answers, checked before they go in."""

from collections.abc import Sequence
from datetime import datetime

from adapters.salesforce.layout import Layout
from adapters.salesforce.mapping import is_id, moment_text


def everything(layout: Layout, *, after: str | None, since: datetime | None = None) -> str:
    """All records by id, from the one behind `after` on; with `since` those that are open or were changed since."""
    wanted = [f"(IsClosed = false OR SystemModstamp >= {moment_text(since)})"] if since else []
    wanted += [f"Id > '{_id(after)}'"] if after else []
    where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    return f"SELECT {', '.join(layout.fields)} FROM {layout.object_name}{where} ORDER BY Id"


def changed(layout: Layout, *, mark: datetime, bound: datetime, after: tuple[datetime, str] | None, limit: int) -> str:
    """Records changed from `mark` on and before `bound`, by (stamp, id): many records share one stamp."""
    where = f"SystemModstamp >= {moment_text(mark)} AND SystemModstamp < {moment_text(bound)}"
    if after:
        stamp = moment_text(after[0])
        behind = f"(SystemModstamp = {stamp} AND Id > '{_id(after[1])}') OR SystemModstamp > {stamp}"
        where += f" AND ({behind})"
    fields = ", ".join(layout.fields)
    return f"SELECT {fields} FROM {layout.object_name} WHERE {where} ORDER BY SystemModstamp, Id LIMIT {limit}"


def masters(layout: Layout, *, ids: Sequence[str]) -> str:
    """Into which records deleted ones were merged; to be asked with deleted records shown."""
    listed = ", ".join(f"'{_id(crm_id)}'" for crm_id in ids)
    return f"SELECT Id, MasterRecordId FROM {layout.object_name} WHERE Id IN ({listed}) AND MasterRecordId != null"


def tasks_on(*, account_id: str, contact_id: str | None, since: datetime) -> str:
    """Tasks on an account or a contact; their text is compared by us, as an org filters by no long text."""
    parents = f"WhatId = '{_id(account_id)}'" + (f" OR WhoId = '{_id(contact_id)}'" if contact_id else "")
    return f"SELECT Id, Description FROM Task WHERE ({parents}) AND CreatedDate >= {moment_text(since)}"


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError("not a record id")
    return text
