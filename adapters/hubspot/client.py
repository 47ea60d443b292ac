"""Requests to one portal through hubspot-api-client's transport: retries within seconds, pages; raw JSON in and out.

One client serves one thread. Errors carry categories and our own sentences: no token, no query, no value of a record.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import orjson
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random_exponential
from urllib3.exceptions import HTTPError

from adapters.hubspot import paths
from adapters.hubspot.failures import Postponed, Throttled, failure_of
from adapters.hubspot.pacing import SEARCHES_A_SECOND, Pace
from adapters.hubspot.paths import Operation
from adapters.hubspot.settings import HubspotSettings
from adapters.hubspot.transport import answer_of, date_header, open_api
from connector.ports.errors import CrmError, CrmRateLimited, CrmUnavailable, CrmWrongOrg

T = TypeVar("T")
PAGE = 100
"""Records of a list's page, and inputs of a batch; HubSpot's limit for both."""
SEARCH_PAGE = 200
ASSOCIATION_BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one call keeps trying while HubSpot is not available; longer waits belong to the job's next run."""

    attempts: int = 5
    seconds: float = 30.0
    longest_wait_seconds: float = 4.0
    searches_a_second: int = SEARCHES_A_SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The portal that the token opens; its zone decides on days, and when a day's limit is over."""

    portal_id: str
    zone: tzinfo
    zone_is_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One page; `after` is the opaque place of the next one."""

    records: list[dict[str, Any]]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """What became of a batch: rows that were taken, and complaints about others."""

    records: list[dict[str, Any]]
    errors: list[dict[str, Any]]


class HubspotClient:
    """Learns the portal at its first request and checks the pinned one before anything is read or written."""

    def __init__(
        self, settings: HubspotSettings, *, crm: str, pinned_org: str | None, patience: Patience | None = None
    ) -> None:
        self.crm = crm
        self._pinned_org = pinned_org
        self._patience = patience or Patience()
        self._pace = Pace(crm=crm, searches_a_second=self._patience.searches_a_second)
        self._api = open_api(settings)
        self._account: Account | None = None
        self._server_time: datetime | None = None

    def __repr__(self) -> str:
        return f"HubspotClient(crm={self.crm!r})"

    def close(self) -> None:
        """Give the connections back."""
        self._api.rest_client.pool_manager.clear()
        self._api.close()

    def organisation(self) -> str:
        """The portal's id, or CrmWrongOrg where the settings name another one."""
        return self._patiently(self._checked).portal_id

    def account(self) -> Account:
        """The portal, or CrmWrongOrg where another one is pinned."""
        return self._patiently(self._checked)

    def server_time(self) -> datetime | None:
        """The Date of the last answer, aware UTC."""
        return self._server_time

    def properties(self, name: str) -> list[dict[str, Any]]:
        """All properties of an object that the token may see."""
        return list(self._ask(paths.PROPERTIES.at(name=name), paths.PROPERTIES)["results"])

    def pipelines(self, name: str) -> list[dict[str, Any]]:
        """All pipelines of an object with their stages."""
        return list(self._ask(paths.PIPELINES.at(name=name), paths.PIPELINES)["results"])

    def owners(self, *, after: str | None, archived: bool) -> Batch:
        """A page of the users; the deactivated ones are a list of their own."""
        return _batch(self._ask(paths.OWNERS.path, paths.OWNERS, query=_page_query(after, archived=archived)))

    def records(
        self, name: str, *, properties: Sequence[str], after: str | None = None, archived: bool = False
    ) -> Batch:
        """A page of all records by id, or of those in the recycle bin."""
        query = _page_query(after, archived=archived)
        if properties:
            query.append(("properties", ",".join(properties)))
        return _batch(self._ask(paths.RECORDS.at(name=name), paths.RECORDS, query=query))

    def search(self, name: str, body: Mapping[str, Any]) -> Batch:
        """A page of a search; `after` tells only that there is more."""
        return _batch(self._ask(paths.SEARCH.at(name=name), paths.SEARCH, body=body))

    def read(self, name: str, *, ids: Sequence[str], properties: Sequence[str]) -> list[dict[str, Any]]:
        """Records by id, in no order; those that are gone are left out, and merged ones come under another id."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(ids), PAGE):
            inputs = [{"id": crm_id} for crm_id in ids[start : start + PAGE]]
            body = {"inputs": inputs, "properties": list(properties)}
            found += self._ask(paths.READ.at(name=name), paths.READ, body=body)["results"]
        return found

    def update(self, name: str, inputs: Sequence[Mapping[str, Any]]) -> BatchAnswer:
        """Set properties of up to 100 records; safe to repeat, so a lost answer is asked for again."""
        answer = self._ask(paths.UPDATE.at(name=name), paths.UPDATE, body={"inputs": list(inputs)})
        return BatchAnswer(records=answer["results"], errors=answer.get("errors") or [])

    def create(self, name: str, body: Mapping[str, Any]) -> str:
        """The id of a new record. Asked again only where a limit kept it out: after CrmUnavailable it may be made."""

        def step() -> dict[str, Any]:
            self._checked()
            return self._sent(paths.CREATE.at(name=name), paths.CREATE, body=body)

        self._patiently(self._checked)
        crm_id = str(self._patiently(step, only=Throttled).get("id") or "")
        if not crm_id.isdigit():
            raise CrmUnavailable(f"{self.crm}: HubSpot's answer names no record", crm=self.crm)
        return crm_id

    def associations(
        self, name: str, target: str, *, ids: Sequence[str]
    ) -> dict[str, list[tuple[str, frozenset[int]]]]:
        """What records are associated with: per id the other records, with the types of each association."""
        found: dict[str, list[tuple[str, frozenset[int]]]] = {}
        inputs = [{"id": crm_id} for crm_id in ids]
        while inputs:
            now, inputs = inputs[:ASSOCIATION_BATCH], inputs[ASSOCIATION_BATCH:]
            path = paths.ASSOCIATIONS.at(name=name, target=target)
            for result in self._ask(path, paths.ASSOCIATIONS, body={"inputs": now})["results"]:
                crm_id = str(result["from"]["id"])
                found.setdefault(crm_id, []).extend(_targets(result))
                after = _after(result)
                inputs += [{"id": crm_id, "after": after}] if after else []
        return found

    def _ask(
        self,
        path: str,
        operation: Operation,
        *,
        query: Sequence[tuple[str, Any]] = (),
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        def step() -> dict[str, Any]:
            self._checked()
            answer = self._sent(path, operation, query=query, body=body)
            if not isinstance(answer.get("results"), list):
                raise CrmUnavailable(f"{self.crm}: HubSpot's answer has an unknown form", crm=self.crm)
            return answer

        return self._patiently(step)

    def _patiently(self, step: Callable[[], T], *, only: type[CrmError] = CrmError) -> T:
        patience = self._patience
        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, only) and self._is_worth_waiting(error)),
            stop=stop_after_attempt(patience.attempts) | stop_after_delay(patience.seconds),
            wait=self._pause,
            reraise=True,
        )
        return retrying(step)

    def _is_worth_waiting(self, error: BaseException) -> bool:
        return isinstance(error, CrmUnavailable | Throttled) and _named(error) <= self._patience.seconds

    def _pause(self, state: RetryCallState) -> float:
        """Full jitter on top of what HubSpot named: all who were told the same would else come back together."""
        error = state.outcome.exception() if state.outcome else None
        jitter = wait_random_exponential(multiplier=0.25, max=self._patience.longest_wait_seconds)
        return _named(error) + jitter(state)

    def _checked(self) -> Account:
        """The portal, or CrmWrongOrg before anything of it was read or written."""
        account = self._signed_in()
        if self._pinned_org not in (None, account.portal_id):
            found = f"the token opens portal {account.portal_id}, but {self._pinned_org} is pinned"
            raise CrmWrongOrg(f"{self.crm}: {found}; nothing was read, sent or written", crm=self.crm)
        return account

    def _signed_in(self) -> Account:
        if self._account is None:
            answer = self._sent(paths.ACCOUNT.path, paths.ACCOUNT)
            if not str(answer.get("portalId") or "").isdigit():
                raise CrmUnavailable(f"{self.crm}: HubSpot's answer names no portal", crm=self.crm)
            zone, is_known = _zone_of(str(answer.get("timeZone") or ""))
            self._account = Account(portal_id=str(answer["portalId"]), zone=zone, zone_is_known=is_known)
        return self._account

    def _sent(
        self,
        path: str,
        operation: Operation,
        *,
        query: Sequence[tuple[str, Any]] = (),
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """One request. What the library raises quotes headers, queries and bodies, so it is cut off."""
        self._pace.before(is_search=operation is paths.SEARCH)
        try:
            status, headers, content = answer_of(self._api, path, operation.method, query=query, body=body)
        except (HTTPError, UnicodeDecodeError, OSError) as error:
            kind = type(error).__name__
            raise CrmUnavailable(f"{self.crm}: HubSpot could not be reached ({kind})", crm=self.crm) from None
        self._server_time = date_header(headers) or self._server_time
        self._pace.after(headers)
        if not 200 <= status < 300:
            raise self._until_midnight(failure_of(status, content, headers=headers, crm=self.crm))
        return self._parsed(content)

    def _parsed(self, content: bytes) -> dict[str, Any]:
        try:
            answer = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise CrmUnavailable(f"{self.crm}: HubSpot's answer is not JSON", crm=self.crm) from None
        if not isinstance(answer, dict):
            raise CrmUnavailable(f"{self.crm}: HubSpot's answer has an unknown form", crm=self.crm)
        return answer

    def _until_midnight(self, failure: CrmError) -> CrmError:
        """A day's limit ends at the portal's midnight, where we know when that is."""
        if type(failure) is CrmRateLimited and self._account and self._server_time:
            now = self._server_time.astimezone(self._account.zone)
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            failure.retry_after = (midnight.astimezone(UTC) - now.astimezone(UTC)).total_seconds()
        return failure


def _page_query(after: str | None, *, archived: bool) -> list[tuple[str, Any]]:
    query: list[tuple[str, Any]] = [("limit", PAGE), ("archived", "true" if archived else "false")]
    return [*query, ("after", after)] if after else query


def _batch(answer: Mapping[str, Any]) -> Batch:
    return Batch(records=list(answer["results"]), after=_after(answer))


def _after(answer: Mapping[str, Any]) -> str | None:
    after = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return None if after is None else str(after)


def _targets(result: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[int]]]:
    """The ids of an association's far side come as numbers, all others as text."""
    for entry in result["to"]:
        yield str(entry["toObjectId"]), frozenset(int(one["typeId"]) for one in entry.get("associationTypes") or ())


def _named(error: BaseException | None) -> float:
    return error.seconds if isinstance(error, Postponed | Throttled) else 0.0


def _zone_of(name: str) -> tuple[tzinfo, bool]:
    try:
        return ZoneInfo(name), True
    except (KeyError, ValueError, OSError):  # unknown, not a name of a zone, no zones on this machine
        return UTC, False
