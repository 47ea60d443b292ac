"""Which records the world begins with: pure functions of (seed, number), so that any one can be made alone."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from adapters.sandbox import zone
from adapters.sandbox.chance import below, chance, pick, token, unit, weighted
from adapters.sandbox.clock import stamp
from adapters.sandbox.salesforce.ids import make_id
from adapters.sandbox.world.names import LANGUAGES, VENDOR_DOMAIN, address, company_name, person_name, slug
from adapters.sandbox.world.titles import level_and_title

Record = dict[str, Any]
OWNERS = 12
TASK_TAKERS = (*range(OWNERS), OWNERS + 1)  # the numbers of all users but the integration user
STAND_IN = f"feedback-desk@{VENDOR_DOMAIN}"
_GOLDEN = 0.618033988749895  # steps of this size spread evenly, however many there are
STORY_NUMBERS = 50_000_000  # records of the stories are numbered from here
LIFE_NUMBERS = 100_000_000  # records born later are numbered from here
CREATED_NUMBERS = 1_000_000_000  # and records made through the API from here
_LANGUAGE_SHARES = tuple(zip(LANGUAGES, (0.45, 0.25, 0.12, 0.08, 0.10), strict=True))
_PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Opportunity": "006",
    "Organization": "00D",
    "Task": "00T",
    "Case": "500",
    "Contract": "800",
}


@lru_cache(maxsize=16)
def _id_space(seed: int, object_name: str) -> tuple[str, int]:
    return token(2, seed, "pod"), 10_000 + below(50_000, seed, "first id", object_name)


@lru_cache(maxsize=20_000)
def _record_id(seed: int, object_name: str, number: int) -> str:
    pod, first = _id_space(seed, object_name)
    return make_id(_PREFIXES[object_name], first + number, pod=pod)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for: the same plan always gives the same world."""

    seed: int
    _: KW_ONLY
    accounts: int
    contacts: int
    start: datetime
    hub_companies: int = 60
    hub_contacts: int = 400
    stories: bool = False

    def id(self, object_name: str, number: int) -> str:
        """The record id of the number-th record of an object."""
        return _record_id(self.seed, object_name, number)

    @property
    def opportunities(self) -> int:
        """How many opportunities the world begins with; big worlds are big in accounts and contacts."""
        return max(1, min(self.accounts * 5 // 4, 2_500))

    @property
    def hub_deals(self) -> int:
        """How many deals the portal begins with; no more than a handful of pages however big it is."""
        return min(self.hub_companies * 4 // 3, 500)

    @property
    def integration_user(self) -> str:
        """The user on whose behalf the API acts; comes after the owners."""
        return self.id("User", OWNERS)

    @property
    def stand_in(self) -> str:
        """The user who owns no record and takes tasks where nobody else can."""
        return self.id("User", OWNERS + 1)


def stamps(plan: Plan, kind: str, number: int) -> Record:
    """Created and modified stamps before the start; four of ten rows came in by imports and share a second."""
    batch = number // 37 if chance(0.4, plan.seed, kind, number, "imported") else f"single {number}"
    modified = plan.start - timedelta(seconds=60 + int(unit(plan.seed, kind, batch, "modified") ** 2 * 700 * 86400))
    created = modified - timedelta(seconds=int(unit(plan.seed, kind, batch, "created") * 400 * 86400))
    lag = timedelta(seconds=1 if chance(0.003, plan.seed, kind, number, "lag") else 0)
    return {
        "CreatedDate": stamp(created),
        "CreatedById": plan.integration_user,
        "LastModifiedDate": stamp(modified - lag),
        "LastModifiedById": plan.integration_user,
        "SystemModstamp": stamp(modified),
    }


def owner(plan: Plan, *key: object) -> str:
    """The id of the user who owns a record; every owner has some, the inactive one a few."""
    return plan.id("User", 1 + below(OWNERS - 1, plan.seed, *key, "owner"))


def parents(plan: Plan) -> list[int | None]:
    """The parent's number for each account: trees of at most four levels, one of them certainly that deep."""
    found: list[int | None] = []
    depth: list[int] = []
    for number in range(plan.accounts):
        parent = None if number == 0 else number - 1 if number < 4 else _parent(plan, number)
        while parent is not None and depth[parent] >= 4:
            parent = found[parent]
        found.append(parent)
        depth.append(1 if parent is None else depth[parent] + 1)
    return found


def _parent(plan: Plan, number: int) -> int | None:
    if chance(0.5, plan.seed, "account", number, "root"):
        return None
    return below(number, plan.seed, "account", number, "parent")


def accounts(plan: Plan) -> Iterator[Record]:
    """All accounts of the beginning, parents before children."""
    met = {"Customer": 0, "Partner": 0, "Prospect": 0}
    for number, parent in enumerate(parents(plan)):
        kind = _kind(plan, number)
        renewal = _renewal(plan, kind, met[kind])
        met[kind] += 1
        tier = weighted((("A", 0.15), ("B", 0.35), ("C", 0.5)), plan.seed, "account", number, "tier")
        name = company_name(plan.seed, number)
        yield {
            "Id": plan.id("Account", number),
            "Name": name,
            "Type": kind,
            "ParentId": None if parent is None else plan.id("Account", parent),
            "Tier__c": tier,
            "ARR__c": _revenue(plan, number, kind, tier),
            "Industry": pick(("Instruments", "Logistics", "Energy", "Food", "Software"), plan.seed, "industry", number),
            "Website": f"https://www.{slug(name)}.example",
            "OwnerId": owner(plan, "account", number),
            "Renewal_Date__c": None if renewal is None else renewal.isoformat(),
            **stamps(plan, "account", number),
        }


def _kind(plan: Plan, number: int) -> str:
    place = (number * _GOLDEN + unit(plan.seed, "kinds")) % 1
    return "Customer" if place < 0.7 else "Partner" if place < 0.84 else "Prospect"


def _renewal(plan: Plan, kind: str, number: int) -> date | None:
    """Six of ten customers and partners renew, on days spread evenly over the coming year: half in any half year."""
    if kind == "Prospect" or number % 5 in (1, 3):
        return None
    place = (number * _GOLDEN + unit(plan.seed, "renewals" if kind == "Customer" else f"renewals of {kind}")) % 1
    return plan.start.date() + timedelta(days=1 + int(place * 365))


def _revenue(plan: Plan, number: int, kind: str, tier: str) -> float | None:
    if kind == "Prospect":
        return None
    scale = {"A": 400_000, "B": 90_000, "C": 15_000}[tier]
    return round(scale * (0.5 + unit(plan.seed, "revenue", number)), 2)


def contact_accounts(plan: Plan) -> Iterator[int]:
    """The account number for each contact: one for every account first, the others where the weight is."""
    total, marks = 0.0, []
    for number in range(plan.accounts):
        total += 0.3 + 3 * unit(plan.seed, "account", number, "size") ** 3
        marks.append(total)
    for number in range(plan.contacts):
        if number < plan.accounts:
            yield number
        else:
            yield bisect(marks, unit(plan.seed, "contact", number, "account") * total)


def contact(plan: Plan, number: int, account: int) -> Record:
    """The contact with this number, employed at the account with that number."""
    key = (plan.seed, "contact", number)
    home = weighted(_LANGUAGE_SHARES, plan.seed, "account", account, "language")
    language = home if chance(0.85, *key, "home language") else weighted(_LANGUAGE_SHARES, *key, "language")
    first, last = person_name(language, *key)
    level, title = level_and_title(*key)
    return {
        "Id": plan.id("Contact", number),
        "AccountId": plan.id("Account", account),
        "FirstName": first,
        "LastName": last,
        "Name": f"{first} {last}",
        "Email": _address(plan, number, account, first, last),
        "Title": title,
        "Feedback_Level__c": level,
        "Language__c": language,
        "OwnerId": owner(plan, "account", account) if chance(0.8, *key, "same owner") else owner(plan, *key[1:]),
        "HasOptedOutOfEmail": int(chance(0.04, *key, "opted out")),
        **_bounce(plan, number),
        **stamps(plan, "contact", number),
    }


@lru_cache(maxsize=20_000)
def _domain(seed: int, account: int) -> str:
    return f"{slug(company_name(seed, account))}.example"


def _address(plan: Plan, number: int, account: int, first: str, last: str) -> str | None:
    domain = _domain(plan.seed, account)
    mark = unit(plan.seed, "contact", number, "address")
    if mark < 0.02:
        return None
    if mark < 0.04:
        return f"{pick(('info', 'accounts', 'office', 'sales'), plan.seed, 'contact', number, 'mailbox')}@{domain}"
    return address(first, last, domain)


def _bounce(plan: Plan, number: int) -> Record:
    if not chance(0.02, plan.seed, "contact", number, "bounced"):
        return {}
    at = plan.start - timedelta(days=1 + below(300, plan.seed, "contact", number, "bounced at"))
    return {"IsEmailBounced": 1, "EmailBouncedReason": "550 5.1.1 user unknown", "EmailBouncedDate": stamp(at)}


def users(plan: Plan) -> Iterator[Record]:
    """Twelve owners, two of them managers and one inactive, the integration user, and who stands in."""
    for number in range(OWNERS + 1):
        integration = number == OWNERS
        language = "en" if integration else weighted(_LANGUAGE_SHARES, plan.seed, "user", number, "language")
        first, last = (None, "Integration") if integration else person_name(language, plan.seed, "user", number)
        mail = address(first or "crm", f"{last}{number}", VENDOR_DOMAIN)
        yield {
            "Id": plan.id("User", number),
            "Username": mail,
            "FirstName": first,
            "LastName": last,
            "Name": f"{first} {last}" if first else last,
            "Email": mail,
            "Title": None if integration else "Head of Sales" if number < 3 else "Account Manager",
            "IsActive": int(number != 7),
            "UserType": "Standard",
            "ManagerId": None if number == 0 or integration else plan.id("User", 0 if number < 3 else 1 + number % 2),
            "TimeZoneSidKey": zone.NAME,
            "LanguageLocaleKey": "de" if language == "de" else "en_US",
            **stamps(plan, "user", number),
        }
    yield _stand_in(plan)


def _stand_in(plan: Plan) -> Record:
    return {
        "Id": plan.stand_in,
        "Username": STAND_IN,
        "FirstName": "Feedback",
        "LastName": "Desk",
        "Name": "Feedback Desk",
        "Email": STAND_IN,
        "Title": "Feedback Desk",
        "IsActive": 1,
        "UserType": "Standard",
        "ManagerId": None,
        "TimeZoneSidKey": zone.NAME,
        "LanguageLocaleKey": "en_US",
        **stamps(plan, "user", OWNERS + 1),
    }


def organization(plan: Plan, name: str) -> Record:
    """The org itself."""
    return {
        "Id": plan.id("Organization", 0),
        "Name": name,
        "InstanceName": "SBX1",
        "OrganizationType": "Enterprise Edition",
        "TimeZoneSidKey": zone.NAME,
        "LanguageLocaleKey": "en_US",
        **stamps(plan, "organization", 0),
        "CreatedDate": stamp(datetime(2019, 3, 4, 9, tzinfo=UTC)),
    }
