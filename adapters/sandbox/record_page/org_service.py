"""Reads the cases and contracts of an org's account, or the cases of one of its contacts, for its page."""

from __future__ import annotations

from adapters.sandbox.record_page.sight import CaseSight, ContractSight
from adapters.sandbox.state import State
from adapters.sandbox.zone import day_shown


def cases(state: State, column: str, record_id: str) -> tuple[CaseSight, ...]:
    """Those whose `column`, AccountId or ContactId, names the record: open ones first, then the newest."""
    rows = state.rows(
        "select s.Subject, s.CaseNumber, s.IsClosed, s.Status, s.Priority, s.IsEscalated, s.CreatedDate, s.ClosedDate,"
        ' c.Name from "Case" s left join Contact c on c.Id = s.ContactId'
        f" where s.{column} = ? and s.IsDeleted = 0 order by s.IsClosed, s.CreatedDate desc, s.Id",
        (record_id,),
    )
    return tuple(
        CaseSight(
            row[0] or "(no subject)",
            number=row[1],
            is_closed=bool(row[2]),
            status=row[3] or "",
            priority=row[4] or "",
            is_escalated=bool(row[5]),
            opened_on=day_shown(row[6]),
            closed_on=day_shown(row[7]),
            person=row[8] or "",
        )
        for row in rows
    )


def contracts(state: State, account_id: str) -> tuple[ContractSight, ...]:
    """Those of an account, the one that ends last at the beginning."""
    rows = state.rows(
        "select ContractNumber, Status, StartDate, EndDate from Contract where AccountId = ? and IsDeleted = 0"
        " order by EndDate desc, Id",
        (account_id,),
    )
    return tuple(
        ContractSight(row[0], status=row[1] or "", starts_on=row[2] or "", ends_on=row[3] or "") for row in rows
    )
