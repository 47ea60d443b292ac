"""A sandbox without sockets, and a client that speaks to it as an integration would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from adapters.sandbox.house import House, build
from adapters.sandbox.hubspot.account import access_token
from adapters.sandbox.salesforce.auth import credentials
from adapters.sandbox.wire import Answer, Call
from adapters.sandbox.world.generate import parse_start
from adapters.sandbox.world.population import Plan
from tests.adapters.sandbox.far_side import Far

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

    def make(seed: int = 1, *, accounts: int = 80, contacts: int = 600, **portal: int) -> House:
        directory = tmp_path / str(len(houses))
        directory.mkdir()
        houses.append(build(directory, Plan(seed, accounts=accounts, contacts=contacts, start=START, **portal)))
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


class Hub:
    """A signed-in client of one house's portal."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.token = access_token(house.plan)

    def call(
        self, method: str, path: str, *, json: Any = None, headers: dict[str, str] | None = None, **query: str
    ) -> Answer:
        full = path if path.startswith("/") else f"/crm/objects/2026-03/{path}"
        body = b"" if json is None else orjson.dumps(json)
        sent = {"authorization": f"Bearer {self.token}", "content-type": "application/json", **(headers or {})}
        return self.house.answer(Call(method, path=full, query=query, headers=sent, body=body), BASE)

    def get(self, path: str, **query: str) -> Any:
        answer = self.call("GET", path, **query)
        assert answer.status == 200, answer.body
        return answer.json()

    def post(self, path: str, json: Any, status: int = 200) -> Any:
        answer = self.call("POST", path, json=json)
        assert answer.status == status, answer.body
        return answer.json() if answer.body else None

    def all(self, kind: str, properties: str = "", **query: str) -> list[dict[str, Any]]:
        """Every record of a kind, page by page."""
        found: list[dict[str, Any]] = []
        after = "0"
        while after:
            page = self.get(kind, limit="100", after=after, properties=properties, **query)
            found += page["results"]
            after = page.get("paging", {}).get("next", {}).get("after", "")
        return found

    def ids(self, kind: str, **query: str) -> list[str]:
        return [one["id"] for one in self.all(kind, **query)]

    def search(self, kind: str, *filters: tuple[Any, ...], **body: Any) -> Any:
        named = [dict(zip(("propertyName", "operator", "value", "highValue"), one, strict=False)) for one in filters]
        return self.post(f"{kind}/search", {"filterGroups": [{"filters": named}], "limit": 200, **body})

    def fault(self, name: str, **values: Any) -> Any:
        answer = self.call("POST", "/_sandbox/faults", json={"name": name, "crm": "hubspot", **values})
        assert answer.status == 200, answer.body
        return answer.json()

    def turn(self, now: str) -> None:
        assert self.call("POST", "/_sandbox/clock", json={"now": now}).status == 200


@pytest.fixture
def hub(make_house: Callable[..., House]) -> Hub:
    return Hub(make_house())


@pytest.fixture
def make_hub(make_house: Callable[..., House]) -> Callable[..., Hub]:
    return lambda *args, **sizes: Hub(make_house(*args, **sizes))


@pytest.fixture
def far() -> Iterator[Far]:
    server = Far()
    yield server
    server.close()
