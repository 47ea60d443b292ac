"""Which companies, people and deals the portal begins with; some are the org's too, most of those linked to it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta

from adapters.sandbox.chance import below, chance, pick, unit, weighted
from adapters.sandbox.hubspot.numbers import owner_id
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.world.names import COMPANY_NAMES, LANGUAGES, address, company_name, person_name, slug
from adapters.sandbox.world.population import OWNERS, Plan
from adapters.sandbox.world.titles import level_and_title

Props = dict[str, str | None]
_SHARED, _LINKED = 0.55, 0.72  # of the portal's companies; of the shared ones
_LANGUAGE_SHARES = tuple(zip(LANGUAGES, (0.45, 0.25, 0.12, 0.08, 0.10), strict=True))
_INDUSTRIES = {
    "Instruments": "MACHINERY",
    "Logistics": "LOGISTICS_AND_SUPPLY_CHAIN",
    "Energy": "OIL_ENERGY",
    "Food": "FOOD_BEVERAGES",
    "Software": "COMPUTER_SOFTWARE",
}
_SENIORITIES = {
    "Executive": ("executive", "vp"),
    "Manager": ("director", "manager"),
    "User": ("senior", "entry"),
}
_GOLDEN = 0.618033988749895  # steps of this size spread evenly, however many there are


@dataclass(frozen=True, slots=True)
class Shared:
    """A company that is an account of the org too; linked as a native sync leaves it, or not."""

    account: int
    _: KW_ONLY
    is_linked: bool


def shared_companies(plan: Plan) -> list[Shared]:
    """The portal's companies that the org has too, in the portal's order."""
    count = min(plan.accounts, int(plan.hub_companies * _SHARED))
    order = sorted(range(plan.accounts), key=lambda number: unit(plan.seed, "account in both", number))
    return [
        Shared(number, is_linked=chance(_LINKED, plan.seed, "account linked", number))
        for number in sorted(order[:count])
    ]


def own_company(plan: Plan, number: int) -> Props:
    """A company that only the portal knows; numbers count the portal's own ones."""
    key = (plan.seed, "hub company", number)
    name = company_name(plan.seed, COMPANY_NAMES - 1 - number)
    tier = weighted((("A", 0.15), ("B", 0.35), ("C", 0.5)), *key, "tier")
    place = (number * _GOLDEN + unit(plan.seed, "hub kinds")) % 1
    kind = "CUSTOMER" if place < 0.7 else "PARTNER" if place < 0.84 else "PROSPECT"
    revenue = {"A": 400_000, "B": 90_000, "C": 15_000}[tier] * (0.5 + unit(*key, "revenue"))
    renews = kind != "PROSPECT" and chance(0.6, *key, "renews")
    renewal = plan.start.date() + timedelta(days=1 + below(365, *key, "renewal"))
    return company_props(
        name,
        kind=kind,
        tier=tier,
        revenue=None if kind == "PROSPECT" else round(revenue, 2),
        industry=pick(tuple(_INDUSTRIES), *key, "industry"),
        renewal=renewal.isoformat() if renews else None,
        owner=hub_owner(plan, "company", number),
    )


def company_props(
    name: str, *, kind: str, tier: str, revenue: float | None, industry: str, renewal: str | None, owner: int
) -> Props:
    """A company's properties as the portal keeps them."""
    domain = f"{slug(name)}.example"
    return {
        "name": name,
        "domain": domain,
        "website": f"https://www.{domain}",
        "type": kind,
        "industry": _INDUSTRIES[industry],
        "lifecyclestage": {"CUSTOMER": "customer", "PARTNER": "other"}.get(kind, "opportunity"),
        "tier": tier,
        "arr": None if revenue is None else f"{revenue:.2f}",
        "renewal_date": renewal,
        "hubspot_owner_id": str(owner),
    }


def hub_owner(plan: Plan, *key: object) -> int:
    """The id of the owner of a record; the inactive one has a few too."""
    return owner_id(plan, 1 + below(OWNERS - 1, plan.seed, "hub", *key, "owner"))


def person(plan: Plan, number: int, domain: str) -> Props:
    """A contact that only the portal knows, at the company with this domain; two of a hundred have no address."""
    key = (plan.seed, "hub contact", number)
    language = weighted(_LANGUAGE_SHARES, *key, "language")
    first, last = person_name(language, *key)
    mark = unit(*key, "address")
    mailbox = f"{pick(('info', 'office', 'sales'), *key, 'mailbox')}@{domain}"
    mail = None if mark < 0.02 else mailbox if mark < 0.03 else address(first, last, domain)
    return {
        "firstname": first,
        "lastname": last,
        "email": mail,
        **titled(*key),
        "hs_language": language,
        "lifecyclestage": "customer",
        "hubspot_owner_id": str(hub_owner(plan, "contact", number)),
        **stops(plan, "hub contact", number),
    }


def address_here(mail: str | None, taken: Set[str], *key: object) -> str | None:
    """The address of somebody who is linked to a person of the org: for one of eight another than there."""
    name, _, domain = (mail or "").partition("@")
    other = f"{'.'.join(reversed(name.split('.')))}@{domain}"
    return other if "." in name and other not in taken and chance(0.12, *key, "another address") else mail


def titled(*key: object) -> Props:
    """A job title with the levels that go with it."""
    level, title = level_and_title(*key)
    return {"jobtitle": title, **levelled(level, *key)}


def levelled(level: str | None, *key: object) -> Props:
    """Level and seniority; the seniority is missing for some, as enrichment leaves it."""
    seniority = pick(_SENIORITIES[level], *key, "seniority") if level and chance(0.8, *key, "enriched") else None
    return {"feedback_level": level, "hs_seniority": seniority}


def stops(plan: Plan, *key: object) -> Props:
    """What forbids mail to a contact: an opt-out for four of a hundred, a bounce for two."""
    found: Props = {}
    if chance(0.04, plan.seed, *key, "opted out"):
        found["hs_email_optout"] = "true"
    if chance(0.02, plan.seed, *key, "bounced"):
        found |= {"hs_email_bad_address": "true", "hs_email_hard_bounce_reason_enum": "UNKNOWN_USER"}
    return found


def hub_stamps(plan: Plan, kind: str, number: int) -> tuple[str, str]:
    """Created and modified before the start; four of ten rows came in by imports and share a millisecond."""
    batch = number // 37 if chance(0.4, plan.seed, "hub", kind, number, "imported") else f"single {number}"
    back = unit(plan.seed, "hub", kind, batch, "modified") ** 2 * 700 * 86_400_000
    modified = plan.start - timedelta(milliseconds=60_000 + int(back))
    return kept(modified - timedelta(days=unit(plan.seed, "hub", kind, batch, "created") * 400)), kept(modified)
