"""Writes the portal's beginning into the state, after the org's, as some companies and people are the same."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from adapters.sandbox.chance import below, chance, unit
from adapters.sandbox.hubspot import links, rows
from adapters.sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, USERS, Kind
from adapters.sandbox.hubspot.numbers import hub_id, owner_id, user_id
from adapters.sandbox.hubspot.rows import Newborn
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.state import State
from adapters.sandbox.world.hub_deals import hub_deal
from adapters.sandbox.world.hub_population import (
    Props,
    Shared,
    address_here,
    company_props,
    hub_stamps,
    levelled,
    own_company,
    person,
    shared_companies,
    stops,
    titled,
)
from adapters.sandbox.world.names import COMPANY_NAMES
from adapters.sandbox.world.population import TASK_TAKERS, Plan

_MOST_OF_ORG = 0.6  # at most this share of the portal's contacts are the org's people


def generate_portal(state: State, plan: Plan) -> None:
    """Fill the portal's tables; raises ValueError for sizes that do not fit."""
    fits = plan.hub_companies >= 0 and plan.hub_contacts >= plan.hub_companies
    if not fits or plan.accounts + plan.hub_companies > COMPANY_NAMES:
        raise ValueError(f"at least one contact per company, and at most {COMPANY_NAMES} accounts and companies")
    rows.create_tables(state)
    with state.change():
        _Beginning(state, plan).write()


class _Beginning:
    def __init__(self, state: State, plan: Plan) -> None:
        self._state, self._plan = state, plan
        self._owners = {plan.id("User", number): str(owner_id(plan, number)) for number in TASK_TAKERS}
        self._shared = shared_companies(plan)
        self._companies: list[Props] = []
        self._company_of: list[int | None] = []
        self._marks = _weights(plan)
        found = state.rows("select Email from Contact where Email is not null")
        self._org_addresses = {row[0].lower() for row in found}

    def write(self) -> None:
        self._write_owners()
        self._companies = list(self._all_companies())
        contacts = list(self._all_contacts())
        parents = self._parents()
        self._write_companies(parents)
        self._write_contacts(contacts)
        self._write_deals()

    def _id(self, kind: Kind, number: int) -> int:
        return hub_id(self._plan, kind, number)

    def _newborn(self, kind: Kind, number: int, props: Props) -> Newborn:
        created, modified = hub_stamps(self._plan, kind.name, number)
        return Newborn(self._id(kind, number), created=created, modified=modified, props=props)

    def _write_owners(self) -> None:
        """The owners are the org's users, with the same addresses; who reports to whom is a property of the users."""
        plan, at = self._plan, kept(self._plan.start.replace(year=self._plan.start.year - 2))
        found = self._state.rows("select Id, Email, FirstName, LastName, IsActive, ManagerId, Title from User")
        people = [(number, row) for number, row in enumerate(sorted(found)) if row[0] in self._owners]
        with self._state.change() as connection:
            connection.executemany(
                "insert into hub_owner values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        int(self._owners[row[0]]),
                        user_id(plan, number),
                        row[1],
                        row[2],
                        row[3],
                        at,
                        at,
                        1 - row[4],
                        "Sales",
                    )
                    for number, row in people
                ],
            )
        users = [self._newborn(USERS, number, self._user(row)) for number, row in people]
        rows.insert(self._state, USERS, users)

    def _user(self, row: tuple[Any, ...]) -> Props:
        return {
            "hs_email": row[1],
            "hs_given_name": row[2],
            "hs_family_name": row[3],
            "hs_job_title": row[6],
            "hubspot_owner_id": self._owners[row[0]],
            "manager_owner_id": self._owners.get(row[5]),
        }

    def _all_companies(self) -> Iterator[Props]:
        for one in self._shared:
            yield self._shared_company(one)
        for number in range(self._plan.hub_companies - len(self._shared)):
            yield own_company(self._plan, number)

    def _shared_company(self, one: Shared) -> Props:
        account_id = self._plan.id("Account", one.account)
        row = self._state.row(
            "select Name, Type, Tier__c, ARR__c, Industry, Renewal_Date__c, OwnerId from Account where Id = ?",
            (account_id,),
        )
        assert row is not None, one  # noqa: S101 - the org was written before
        props = company_props(
            row[0],
            kind=row[1].upper(),
            tier=row[2],
            revenue=row[3],
            industry=row[4],
            renewal=row[5],
            owner=int(self._owners[row[6]]),
        )
        return {**props, "salesforceaccountid": account_id} if one.is_linked else props

    def _parents(self) -> list[int | None]:
        """The parent's number for each company: the org's trees among the shared, chains of up to four elsewhere."""
        place = {one.account: number for number, one in enumerate(self._shared)}
        ids = {self._plan.id("Account", number): number for number in range(self._plan.accounts)}
        above = {
            ids[record_id]: ids.get(parent)
            for record_id, parent in self._state.rows("select Id, ParentId from Account")
        }
        found = [self._shared_parent(above, place, one.account) for one in self._shared]
        depth: dict[int, int] = {}
        for number in range(len(self._shared), self._plan.hub_companies):
            own = number - len(self._shared)
            parent = number - 1 if 0 < own < 4 else self._own_parent(number, own)
            if parent is not None and depth.get(parent, 1) >= 4:
                parent = None
            depth[number] = 1 if parent is None else depth[parent] + 1
            found.append(parent)
        return found

    def _shared_parent(self, above: dict[int, int | None], place: dict[int, int], account: int) -> int | None:
        parent = above[account]
        while parent is not None and parent not in place:
            parent = above[parent]
        return None if parent is None else place[parent]

    def _own_parent(self, number: int, own: int) -> int | None:
        if own == 0 or chance(0.6, self._plan.seed, "hub company", own, "root"):
            return None
        return number - own + below(own, self._plan.seed, "hub company", own, "parent")

    def _all_contacts(self) -> Iterator[Props]:
        """The org's people first, then the portal's own; an address is in the portal once only."""
        taken: set[str] = set()
        for props, place in self._from_org():
            if props["email"] is None or props["email"] not in taken:
                taken.add(props["email"] or "")
                self._company_of.append(place)
                yield props
        taken |= self._org_addresses
        previous: Props = {}
        peopled = set(self._company_of)
        lonely = [one for one in range(self._plan.hub_companies) if one not in peopled][::-1]
        for number in range(len(self._company_of), self._plan.hub_contacts):
            twin = bool(previous) and not lonely and chance(0.04, self._plan.seed, "hub contact", number, "twin")
            company = lonely.pop() if lonely else self._company_of[-1] if twin else self._company_for(number)
            previous = self._own_contact(number, company, previous if twin else {}, taken)
            self._company_of.append(company)
            yield previous

    def _from_org(self) -> Iterator[tuple[Props, int]]:
        most = int(self._plan.hub_contacts * _MOST_OF_ORG)
        given = 0
        for number, one in enumerate(self._shared):
            found = self._state.rows(
                "select Id, FirstName, LastName, Email, Title, Feedback_Level__c, Language__c, OwnerId,"
                " HasOptedOutOfEmail from Contact where AccountId = ? order by Id",
                (self._plan.id("Account", one.account),),
            )
            for row in found:
                if given < most and chance(0.6, self._plan.seed, "contact in both", row[0]):
                    given += 1
                    yield self._org_person(row, one), number

    def _org_person(self, row: tuple[Any, ...], one: Shared) -> Props:
        key = (self._plan.seed, "both", row[0])
        is_linked = one.is_linked and chance(0.7, *key, "linked")
        retitled = chance(0.15, *key, "another title")
        props: Props = {
            "firstname": row[1],
            "lastname": row[2],
            "email": row[3].lower() if row[3] else None,
            **(titled(*key) if retitled else {"jobtitle": row[4], **levelled(row[5], *key)}),
            "hs_language": row[6],
            "lifecyclestage": "customer",
            "hubspot_owner_id": self._owners[row[7]],
            **stops(self._plan, "both", row[0]),
        }
        if not is_linked:
            return props
        optout = "true" if row[8] else None
        linked = {**props, "salesforcecontactid": row[0], "hs_email_optout": optout}
        return {**linked, "email": address_here(props["email"], self._org_addresses, *key)}

    def _company_for(self, number: int) -> int | None:
        """Where somebody works; three of a hundred people have no company."""
        if chance(0.03, self._plan.seed, "hub contact", number, "alone"):
            return None
        return bisect(self._marks, unit(self._plan.seed, "hub contact", number, "company") * self._marks[-1])

    def _own_contact(self, number: int, company: int | None, twin: Props, taken: set[str]) -> Props:
        domain = "freelance.example" if company is None else str(self._companies[company]["domain"])
        props = person(self._plan, number, domain)
        if twin:
            # The second record of somebody: the same name, another way to write the address.
            written = (twin["email"] or "me").partition("@")[0].replace(".", "-")
            names = {name: twin[name] for name in ("firstname", "lastname")}
            props = {**props, **names, "email": f"{written}@{domain}"}
        mail = props["email"]
        return {**props, "email": None if mail is None else _unused(mail, taken)}

    def _write_companies(self, parents: list[int | None]) -> None:
        children: dict[int, int] = {}
        found: list[links.Link] = []
        for number, parent in enumerate(parents):
            if parent is not None:
                children[parent] = children.get(parent, 0) + 1
                ends = (COMPANIES, self._id(COMPANIES, number)), (COMPANIES, self._id(COMPANIES, parent))
                found += links.both_ways(*ends, [links.CHILD_TO_PARENT, 450])
        for number, parent in enumerate(parents):
            self._companies[number] |= {
                "hs_parent_company_id": None if parent is None else str(self._id(COMPANIES, parent)),
                "hs_num_child_companies": str(children[number]) if number in children else None,
            }
        rows.insert(
            self._state,
            COMPANIES,
            (self._newborn(COMPANIES, number, one) for number, one in enumerate(self._companies)),
        )
        links.insert(self._state, found)

    def _write_contacts(self, contacts: list[Props]) -> None:
        found: list[links.Link] = []
        for number, (props, company) in enumerate(zip(contacts, self._company_of, strict=True)):
            if company is not None:
                company_id = self._id(COMPANIES, company)
                props["associatedcompanyid"] = str(company_id)
                found += links.both_ways((CONTACTS, self._id(CONTACTS, number)), (COMPANIES, company_id), [1, 279])
        rows.insert(
            self._state, CONTACTS, (self._newborn(CONTACTS, number, one) for number, one in enumerate(contacts))
        )
        links.insert(self._state, found)

    def _write_deals(self) -> None:
        """All deals; half of them name a contact of their company."""
        first: dict[int, int] = {}
        for number, place in enumerate(self._company_of):
            if place is not None:
                first.setdefault(place, number)
        born, found = [], []
        for number in range(self._plan.hub_deals):
            key = (self._plan.seed, "hub deal", number)
            company = below(self._plan.hub_companies, *key, "company")
            ends = (DEALS, self._id(DEALS, number)), (COMPANIES, self._id(COMPANIES, company))
            found += links.both_ways(*ends, [5, 341])
            owner = str(self._companies[company]["hubspot_owner_id"])
            props = hub_deal(self._plan, number, day=self._plan.start.date(), owner=owner)
            born.append(self._newborn(DEALS, number, {**props, "hs_primary_associated_company": str(ends[1][1])}))
            if company in first and chance(0.5, *key, "contact"):
                found += links.both_ways(ends[0], (CONTACTS, self._id(CONTACTS, first[company])), [3])
        rows.insert(self._state, DEALS, born)
        links.insert(self._state, found)


def _unused(mail: str, taken: set[str]) -> str:
    """The address, with a number when somebody already has it."""
    name, _, domain = mail.partition("@")
    free, number = mail, 2
    while free in taken:
        free, number = f"{name}{number}@{domain}", number + 1
    taken.add(free)
    return free


def _weights(plan: Plan) -> list[float]:
    return list(
        accumulate(0.3 + 3 * unit(plan.seed, "hub company", one, "size") ** 3 for one in range(plan.hub_companies))
    )
