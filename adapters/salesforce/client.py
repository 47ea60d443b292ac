"""Requests to one org through simple-salesforce: sign-in, retries within seconds, pages; raw JSON in and out.

One client serves one thread. Errors carry codes and our own sentences: no token, no query, no value of a record.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
import requests
from simple_salesforce.api import Salesforce
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random_exponential

from adapters.salesforce.failures import ExpiredSession, Postponed, failure_of, sign_in_failure
from adapters.salesforce.mapping import id18, moment, moment_text
from adapters.salesforce.settings import AccessToken, ClientCredentials, SalesforceSettings
from adapters.salesforce.transport import open_session
from connector.ports.errors import CrmAuthError, CrmUnavailable, CrmWrongOrg

T = TypeVar("T")
_TOKEN_PATH = "/services/oauth2/token"  # noqa: S105  a path, not a password


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one call keeps trying while the org is not available; longer waits belong to the job's next run."""

    attempts: int = 5
    seconds: float = 20.0
    longest_wait_seconds: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One page of a query's result; `more` is the opaque path of the next one."""

    records: list[dict[str, Any]]
    more: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedLog:
    """What the org says was deleted in a window, and since when its log is complete."""

    records: list[tuple[str, datetime]]
    complete_since: datetime


class _Org(Salesforce):
    """simple-salesforce with a faster decoder; signed in from outside, as its own renewal never gives up."""

    def parse_result_to_json(self, result: requests.Response) -> Any:
        return orjson.loads(result.content)


class SalesforceClient:
    """Signs in at the first request and once more where a session has expired; checks the pinned org each time."""

    def __init__(
        self, settings: SalesforceSettings, *, crm: str, pinned_org: str | None, patience: Patience | None = None
    ) -> None:
        self.crm = crm
        self._settings = settings
        self._pinned_org = id18(pinned_org) if pinned_org else None
        self._patience = patience or Patience()
        self._session = open_session(settings.login.origin)
        self._session.hooks["response"].append(self._look_at)
        self._org: _Org | None = None
        self._org_id = ""
        self._server_time: datetime | None = None

    def __repr__(self) -> str:
        return f"SalesforceClient(crm={self.crm!r})"

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def organisation(self) -> str:
        """The org's 18-character id, or CrmWrongOrg where the settings name another one."""
        self._patiently(self._checked_org)
        return self._org_id

    def server_time(self) -> datetime | None:
        """The Date of the last answer, aware UTC."""
        return self._server_time

    def versions(self) -> list[str]:
        """The API versions that the org serves, oldest first."""
        return self._read(
            lambda org: orjson.loads(self._session.get(f"https://{org.sf_instance}/services/data").content),
            lambda answer: [str(entry["version"]) for entry in answer],
        )

    def describe(self, name: str) -> dict[str, Any]:
        """An object with those of its fields that the integration user may see."""
        return self._read(lambda org: org.restful(f"sobjects/{name}/describe"), _description)

    def query(self, soql: str, *, page_size: int, with_deleted: bool = False) -> Batch:
        """The first page of a query; the org may serve fewer rows a page than asked for."""
        options = {"Sforce-Query-Options": f"batchSize={page_size}"}
        return self._read(lambda org: org.query(soql, include_deleted=with_deleted, headers=options), _batch)

    def query_on(self, path: str, *, page_size: int) -> Batch:
        """A further page. Raises StaleLocator where the org has forgotten it."""
        options = {"Sforce-Query-Options": f"batchSize={page_size}"}
        return self._read(lambda org: org.query_more(path, identifier_is_url=True, headers=options), _batch)

    def query_rows(self, soql: str, *, page_size: int, with_deleted: bool = False) -> Iterator[dict[str, Any]]:
        """The rows of a query over all its pages."""
        batch = self.query(soql, page_size=page_size, with_deleted=with_deleted)
        yield from batch.records
        while batch.more:
            batch = self.query_on(batch.more, page_size=page_size)
            yield from batch.records

    def complete_until(self, name: str, *, start: datetime, end: datetime) -> datetime:
        """The start of the oldest transaction still running: all stamps before it are final. Cuts seconds."""
        window = {"start": moment_text(start), "end": moment_text(end)}
        return self._read(
            lambda org: org.restful(f"sobjects/{name}/updated/", params=window),
            lambda answer: moment(answer["latestDateCovered"]),
        )

    def deleted(self, name: str, *, start: datetime, end: datetime) -> DeletedLog:
        """Ids and times of what was deleted from `start` to `end`. Cuts seconds; reaches back 15 days at most."""
        window = {"start": moment_text(start), "end": moment_text(end)}
        return self._read(lambda org: org.restful(f"sobjects/{name}/deleted/", params=window), _deleted_log)

    def read_rows(self, name: str, *, ids: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any] | None]:
        """Records by id in the order asked for, None where there is none to see."""
        body = {"ids": list(ids), "fields": list(fields)}
        return self._read(lambda org: org.restful(f"composite/sobjects/{name}", method="POST", json=body), _rows)

    def update_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Set fields of up to 200 records, each row alone; safe to repeat, so a lost answer is asked for again."""
        body = {"allOrNone": False, "records": list(rows)}
        return self._read(lambda org: org.restful("composite/sobjects", method="PATCH", json=body), _rows)

    def create_row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What became of one new record. Asked once only: after CrmUnavailable it may have been made."""
        self._patiently(self._checked_org)
        body = {"allOrNone": False, "records": [row]}
        answer = self._renewing(lambda org: org.restful("composite/sobjects", method="POST", json=body))
        return self._in_form(answer, lambda rows: dict(rows[0]))

    def _read(self, ask: Callable[[_Org], Any], read: Callable[[Any], T]) -> T:
        """What `read` makes of the answer; one of another form is asked for again."""
        return self._patiently(lambda: self._in_form(self._renewing(ask), read))

    def _in_form(self, answer: Any, read: Callable[[Any], T]) -> T:
        try:
            return read(answer)
        except (LookupError, TypeError, ValueError, AttributeError):
            raise CrmUnavailable(f"{self.crm}: the org's answer has an unknown form", crm=self.crm) from None

    def _patiently(self, step: Callable[[], T]) -> T:
        patience = self._patience
        retrying = Retrying(
            retry=retry_if_exception(self._is_worth_waiting),
            stop=stop_after_attempt(patience.attempts) | stop_after_delay(patience.seconds),
            wait=self._pause,
            reraise=True,
        )
        return retrying(step)

    def _is_worth_waiting(self, error: BaseException) -> bool:
        named = error.seconds if isinstance(error, Postponed) else 0.0
        return isinstance(error, CrmUnavailable) and named <= self._patience.seconds

    def _pause(self, state: RetryCallState) -> float:
        """Full jitter, and never less than what the org named."""
        error = state.outcome.exception() if state.outcome else None
        named = error.seconds if isinstance(error, Postponed) else 0.0
        jitter = wait_random_exponential(multiplier=0.25, max=self._patience.longest_wait_seconds)
        return max(named, jitter(state))

    def _renewing(self, ask: Callable[[_Org], T]) -> T:
        """One request, with one new session where the old one has expired."""
        try:
            return self._sent(lambda: ask(self._checked_org()))
        except ExpiredSession:
            self._org = None
        if isinstance(self._settings.login, AccessToken):
            raise CrmAuthError(f"{self.crm}: the access token has expired; put a new one into login", crm=self.crm)
        try:
            return self._sent(lambda: ask(self._checked_org()))
        except ExpiredSession:
            self._org = None
            raise CrmAuthError(f"{self.crm}: the org refuses the session it has just given", crm=self.crm) from None

    def _checked_org(self) -> _Org:
        """The signed-in org, or CrmWrongOrg before anything of it was read or written."""
        org = self._signed_in()
        if self._pinned_org not in (None, self._org_id):
            found = f"the credentials open org {self._org_id}, but {self._pinned_org} is pinned"
            raise CrmWrongOrg(f"{self.crm}: {found}; nothing was read, sent or written", crm=self.crm)
        return org

    def _signed_in(self) -> _Org:
        if self._org is None:
            token, instance, org_id = self._fetched_token()
            version = self._settings.api_version
            org = _Org(session_id=token, instance=instance, version=version, session=self._session)
            org.headers.pop("X-PrettyPrint", None)  # indenting doubles the bytes of a page
            self._org_id = org_id or self._asked_org_id(org)
            self._org = org
        return self._org

    def _fetched_token(self) -> tuple[str, str, str]:
        """Token, host with port, and org id ("" where no answer names it)."""
        login = self._settings.login
        if isinstance(login, AccessToken):
            return login.access_token.get_secret_value(), urlsplit(login.url).netloc, ""
        answer = self._sent(lambda: orjson.loads(self._post_token(login).content))
        return self._in_form(answer, _token_of)

    def _post_token(self, login: ClientCredentials) -> requests.Response:
        pair = f"{login.client_id.get_secret_value()}:{login.client_secret.get_secret_value()}"
        headers = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        url = f"https://{urlsplit(login.origin).netloc}{_TOKEN_PATH}"
        return self._session.post(url, data={"grant_type": "client_credentials"}, headers=headers)

    def _asked_org_id(self, org: _Org) -> str:
        try:
            answer = self._sent(lambda: org.query("SELECT Id FROM Organization LIMIT 1"))
        except ExpiredSession:
            raise CrmAuthError(
                f"{self.crm}: the access token is not valid; put a new one into login", crm=self.crm
            ) from None
        return self._in_form(answer, lambda found: id18(found["records"][0]["Id"]))

    def _sent(self, step: Callable[[], T]) -> T:
        """Translate what is no answer at all; the original names URLs with queries in them, so it is cut off."""
        try:
            return step()
        except requests.RequestException as error:
            kind = type(error).__name__
            raise CrmUnavailable(f"{self.crm}: the org could not be reached ({kind})", crm=self.crm) from None
        except orjson.JSONDecodeError:
            raise CrmUnavailable(f"{self.crm}: the org's answer is not JSON", crm=self.crm) from None

    def _look_at(self, response: requests.Response, **_: Any) -> None:
        """Read the server's clock and raise for what is no success, before simple-salesforce quotes the query."""
        self._server_time = _date_header(response) or self._server_time
        if response.is_redirect or response.status_code < 300:
            return
        judge = sign_in_failure if urlsplit(response.url).path == _TOKEN_PATH else failure_of
        raise judge(response.status_code, response.content, headers=response.headers, crm=self.crm)


def _token_of(answer: Any) -> tuple[str, str, str]:
    return str(answer["access_token"]), urlsplit(answer["instance_url"]).netloc, _org_in(str(answer.get("id", "")))


def _description(answer: Any) -> dict[str, Any]:
    return {**answer, "fields": [field for field in answer["fields"] if field["name"]]}


def _rows(answer: Any) -> list[Any]:
    if not isinstance(answer, list):
        raise TypeError
    return answer


def _deleted_log(answer: Any) -> DeletedLog:
    records = [(id18(entry["id"]), moment(entry["deletedDate"])) for entry in answer["deletedRecords"]]
    return DeletedLog(records=records, complete_since=moment(answer["earliestDateAvailable"]))


def _batch(answer: Any) -> Batch:
    return Batch(
        records=list(answer["records"]), more=None if answer.get("done", True) else answer.get("nextRecordsUrl")
    )


def _org_in(identity_url: str) -> str:
    """The org id in .../id/<org>/<user>."""
    parts = urlsplit(identity_url).path.strip("/").split("/")
    return id18(parts[1]) if len(parts) == 3 and parts[0] == "id" else ""


def _date_header(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None
