"""A house of settings that points at the sandbox's portal too, seen from the portal's side."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.e2e.living import BEFORE_RENEWAL, House, present

ALWAYS = 1000
"""More requests than any run makes, and more records than a portal has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal(House):
    """A house of settings with one portal; what is counted and changed is the portal's."""

    def records(self, name: str) -> list[dict[str, Any]]:
        """The portal's records of a kind, as the sandbox keeps them."""
        return list(self.sandbox.get(f"records/{name}", crm="hubspot", limit=ALWAYS))

    def make_due(self) -> int:
        """Make every company strategic and its wave before the renewal due today; how many there are."""
        renewal = (present().astimezone(self.today_zone).date() + BEFORE_RENEWAL).isoformat()
        companies = self.records("companies")
        for company in companies:
            self.change("companies", company["id"], type="CUSTOMER", tier="A", renewal_date=renewal)
        return len(companies)

    def change(self, object_name: str, record_id: str, **fields: Any) -> None:
        """Change a record as an admin of the portal does."""
        self.sandbox.fault("touch", crm="hubspot", object=object_name, id=record_id, fields=fields)

    def break_down(self, status: str, **values: Any) -> None:
        """Let every request to the portal fail in this way until it is mended."""
        self.sandbox.fault("fail_next", crm="hubspot", status=status, count=ALWAYS, **values)

    def settle(self) -> None:
        """Let a few minutes of the portal's time pass: a walk over changes ends before its own second."""
        now = datetime.fromisoformat(self.sandbox.get("clock")["now"])
        self.sandbox.post("clock", {"now": (now + timedelta(minutes=5)).isoformat()})

    def mend(self) -> None:
        """Switch every fault off."""
        self.sandbox.control.delete("faults").raise_for_status()

    def writes(self) -> int:
        """How many rows were written to the portal."""
        return int(self.sandbox.get("counts")["hubspot"]["rows_written"])

    def requests(self) -> int:
        """How many requests the portal got."""
        return int(self.sandbox.get("counts")["hubspot"]["requests"])

    def shown(self) -> dict[str, tuple[float, str]]:
        """By address: the score and its day, as a rep sees them on the contact."""
        return {
            contact["email"]: (float(contact["closedloop_score"]), contact["closedloop_answered_on"])
            for contact in self.records("contacts")
            if contact["closedloop_score"]
        }

    def posted(self) -> dict[str, tuple[float, str]]:
        """By address: what people posted as the score, and the day on which they did."""
        today = present().astimezone(self.today_zone).date().isoformat()
        answers = self.sandbox.get("answers", limit=ALWAYS)
        taken = [answer for answer in answers if answer["status"] == 200 and not answer["again"]]
        return {answer["address"]: (float(dict(answer["fields"])["relationship"]), today) for answer in taken}
