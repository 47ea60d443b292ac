"""A sandbox without sockets, and a client that speaks to it as an integration would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from adapters.sandbox.house import House, build
from adapters.sandbox.salesforce.auth import credentials
from adapters.sandbox.wire import Answer, Call
from adapters.sandbox.world.generate import parse_start
from adapters.sandbox.world.population import Plan

START = parse_start("2026-01-05T06:00:00Z")
BASE = "http://127.0.0.1:1"


class Org:
    """A signed-in client of one house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.token = credentials(house.plan).access_token

    def call(
        self, method: str, path: str, *, json: Any = None, headers: dict[str, str] | None = None, **query: str
    ) -> Answer:
        full = path if path.startswith("/") else f"/services/data/v68.0/{path}"
        body = b"" if json is None else orjson.dumps(json)
        sent = {"authorization": f"Bearer {self.token}", "content-type": "application/json", **(headers or {})}
        call = Call(method, path=urlsplit(full).path, query=query, headers=sent, body=body)
        return self.house.answer(call, BASE)

    def get(self, path: str, **query: str) -> Any:
        return self.call("GET", path, **query).json()

    def soql(self, text: str, path: str = "query") -> Any:
        return self.get(path, q=text)

    def ids(self, text: str) -> list[str]:
        return [record["Id"] for record in self.soql(text)["records"]]

    def one(self, text: str) -> dict[str, Any]:
        record = self.soql(text)["records"][0]
        record.pop("attributes")
        return record

    def fault(self, name: str, **values: Any) -> Any:
        answer = self.call("POST", "/_sandbox/faults", json={"name": name, **values})
        assert answer.status == 200, answer.body
        return answer.json()

    def turn(self, now: str) -> Answer:
        return self.call("POST", "/_sandbox/clock", json={"now": now})


@pytest.fixture
def make_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def make(seed: int = 1, *, accounts: int = 80, contacts: int = 600) -> House:
        directory = tmp_path / str(len(houses))
        directory.mkdir()
        houses.append(build(directory, Plan(seed, accounts=accounts, contacts=contacts, start=START)))
        return houses[-1]

    yield make
    for house in houses:
        house.close()


@pytest.fixture
def org(make_house: Callable[..., House]) -> Org:
    return Org(make_house())


@pytest.fixture
def make_org(make_house: Callable[..., House]) -> Callable[..., Org]:
    return lambda *args, **sizes: Org(make_house(*args, **sizes))
