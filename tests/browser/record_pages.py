"""A sandbox whose record pages a browser can visit, and the list of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx

from jobs.demo.sandbox import Sandbox, running_sandbox
from jobs.demo.stories import stories_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A running sandbox whose first story has a score, a hold, and tasks of one of its people."""

    sandbox: Sandbox
    index: str
    account: str
    contact: str

    def pages(self) -> list[str]:
        """Every kind of record page, the index and one that is not there."""
        accounts = [story.record_url for story in stories_of(self.sandbox)]
        return [self.index, *accounts, self.contact, f"{self.index}/x/y/z"]


@contextmanager
def shown_records() -> Iterator[Shown]:
    """A small sandbox with stories, as it begins."""
    with running_sandbox(accounts=8, contacts=40) as sandbox:
        story = stories_of(sandbox)[0]
        until = (sandbox.now().date() + timedelta(days=30)).isoformat()
        fill_in(sandbox, "Account", story.crm_id, Closedloop_Score__c=5.1, Closedloop_Hold_Until__c=until)
        person = sandbox.get("records/Contact", AccountId=story.crm_id, limit="1")[0]
        make_task(sandbox, person, subject="Call them")
        done = make_task(sandbox, person, subject="Thank them")
        fill_in(sandbox, "Task", done, Status="Completed", Description="They gave 9.\nclosedloop:1-1\nDone, with cake.")
        index = f"{sandbox.control_url}/records"
        contact = f"{index}/salesforce/Contact/{person['Id']}"
        yield Shown(sandbox=sandbox, index=index, account=story.record_url, contact=contact)


def make_task(sandbox: Sandbox, person: Mapping[str, str], *, subject: str) -> str:
    """Make a task on somebody and their account by the CRM's own interface; its id."""
    parents = {"WhoId": person["Id"], "WhatId": person["AccountId"], "OwnerId": person["OwnerId"]}
    answer = httpx.post(
        f"{sandbox.salesforce['url']}/services/data/v68.0/sobjects/Task",
        json={**parents, "Subject": subject, "Description": "They gave 3.\nclosedloop:1-2"},
        headers={"Authorization": f"Bearer {sandbox.salesforce['access_token']}"},
        trust_env=False,
    )
    return str(answer.raise_for_status().json()["id"])


def fill_in(sandbox: Sandbox, object_name: str, record_id: str, **fields: object) -> None:
    """Set fields of a record, as an admin of the CRM does."""
    body = {"name": "touch", "object": object_name, "id": record_id, "fields": fields}
    assert httpx.post(f"{sandbox.control_url}/faults", json=body, trust_env=False).status_code == 200
