"""CRMs as `check` sees them, and what it finds there."""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from connector.domain.programs import Policy, RelationshipRule
from connector.domain.records import FactType, RecordKind
from connector.ports.crm import Field, Page, Problem
from connector.ports.inspecting import Inspected
from connector.ports.wiring import Crm
from connector.usecases.check import Checked, check
from tests.builders import FACTS, NOW, condition, make_policy
from tests.worlds import CAPABILITIES, Standing

TYPE = FACTS["account.kind"]
RULES = (
    RelationshipRule(type="partner", when=condition("account.kind = 'Partner'")),
    RelationshipRule(type="ongoing", when=None),
)
DECLARED = {TYPE: "Account.Type"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A CRM as an adapter shows it to whoever checks; what else it can do is not asked for."""

    organisation_id: str = "00D1"
    problems: Sequence[Problem] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_closed: bool = True
    is_multiple: bool = False
    capabilities: Any = CAPABILITIES
    owners: Sequence[tuple[Any, ...]] = ()

    def organisation(self) -> str:
        return self.organisation_id

    def check(self) -> list[Problem]:
        return list(self.problems)

    def pull(self, kind: RecordKind, since: str | None) -> list[Page]:
        assert (kind, since) == (RecordKind.OWNER, None)
        return [Page(kind=kind, columns=("crm_id", "address", "is_active"), rows=self.owners, cursor="")]

    def fields(self, kind: RecordKind) -> list[Field]:
        ours = {name: values for name, values in self.values.items() if name.startswith(f"{kind.capitalize()}.")}
        like = Field(name="", label="", type=FactType.TEXT, is_closed=self.is_closed, is_multiple=self.is_multiple)
        return [replace(like, name=name.partition(".")[2], label=name, values=values) for name, values in ours.items()]


def crm(name: str = "sf", *, error: Exception | None = None, seen: Seen | None = None, **changes: Any) -> Crm:
    """A connection that opens what is seen, or fails."""

    @contextmanager
    def opened():
        if error is not None:
            raise error
        yield seen or Seen()

    sources = {"account.kind": "Account.Type as text", "contact.level": "Contact.Level", "account.renewal_on": "x"}
    wired = Crm(
        name=name,
        adapter="little",
        capabilities=CAPABILITIES,
        sources=sources | {"opportunity.stage": "Opportunity.Stage"},
        write_words={RecordKind.CONTACT: ("score", "answered_on")},
        every_seconds=900,
        open=opened,
    )
    return replace(wired, **changes)


def checked(*crms: Crm, policy: Policy | None = None, **changes: Any) -> Checked:
    """What is found, with `account.kind` from `Account.Type` in each CRM."""
    inspected = Inspected(
        policy=policy or make_policy(),
        crms=crms,
        declared={each.name: DECLARED for each in crms},
        defaults={each.name: {"opportunity.stage": "Opportunity.Stage"} for each in crms},
        texts={},
        clock=Standing(NOW),
        storage=None,
        unready="there is no database yet",
    )
    return check(replace(inspected, **changes))


def told(result: Checked) -> list[tuple[str, str, tuple[Any, ...], int | None]]:
    """Severity, message, path and offset of each finding."""
    return [
        (
            each.severity.value,
            each.message,
            each.spot.path if each.spot else (),
            each.spot.offset if each.spot else None,
        )
        for each in result.findings
    ]
