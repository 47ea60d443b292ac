"""Plans on SQL: what a dry run was made from and what it would do."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, select

from connector.domain.plans import Inputs, PlanDecision
from connector.domain.selection import Reason
from connector.storage.tables.listening import PlanDecisionRow, PlanRow
from connector.storage.tables.rows import insert_one, table_of
from connector.storage.tables.running import CursorRow

PLAN, ROW, CURSOR = table_of(PlanRow), table_of(PlanDecisionRow), table_of(CursorRow)


class SqlPlans:
    """The plan store over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def watermark(self) -> Mapping[str, str]:
        query = select(CURSOR.c.crm, CURSOR.c.kind, CURSOR.c.synced_at).order_by(CURSOR.c.crm, CURSOR.c.kind)
        return {f"{row.crm}.{row.kind}": row.synced_at.isoformat() for row in self._connection.execute(query)}

    def add(self, inputs: Inputs, rows: Sequence[PlanDecision], *, digest: str, at: datetime) -> int:
        values = {
            "as_of": inputs.as_of,
            "made_at": at,
            "configuration": inputs.configuration,
            "watermark": dict(inputs.watermark),
            "digest": digest,
            "rows": len(rows),
        }
        plan_id = insert_one(self._connection, PLAN, values)
        if rows:
            self._connection.execute(insert(ROW), [asdict(row) | {"plan_id": plan_id} for row in rows])
        return plan_id

    def get(self, plan_id: int) -> tuple[Inputs, str, Sequence[PlanDecision]] | None:
        plan = self._connection.execute(select(PLAN).where(PLAN.c.id == plan_id)).one_or_none()
        if plan is None:
            return None
        inputs = Inputs(as_of=plan.as_of, configuration=plan.configuration, watermark=plan.watermark)
        stored = self._connection.execute(select(ROW).where(ROW.c.plan_id == plan_id).order_by(ROW.c.id))
        rows = [
            PlanDecision(
                occurrence=row.occurrence,
                person=row.person,
                track=row.track,
                verdict=row.verdict,
                rule=row.rule,
                until_on=row.until_on,
                reasons=tuple(Reason(**reason) for reason in row.reasons),
            )
            for row in stored
        ]
        return inputs, plan.digest, rows
