"""Who had to be decided, counted from occurrences, accounts, cases and contacts, and when a case was looked at.

Written by hand and apart from the code that draws candidates, so that one mistake cannot hide in both.
"""

from sqlalchemy import Connection, text

_CENSUS = text("""
    WITH merged AS (
        SELECT o.id AS occurrence_id, o.anchor_kind, o.anchor_id, o.drawn_at, COALESCE(m.into_id, o.account_id) AS id
        FROM occurrence o
        LEFT JOIN record_alias m ON m.kind = 'account' AND m.record_id = o.account_id AND m.cause = 'merge'
                                AND m.from_at <= o.drawn_at AND (m.to_at IS NULL OR m.to_at > o.drawn_at)
        WHERE o.drawn_at IS NOT NULL AND o.anchor_kind <> 'case'
    ), first AS (
        SELECT g.occurrence_id, g.anchor_kind, g.anchor_id, g.drawn_at, COALESCE(j.into_id, g.id) AS id
        FROM merged g
        LEFT JOIN record_alias j ON j.kind = 'account' AND j.record_id = g.id AND j.cause = 'same_as'
                                AND j.from_at <= g.drawn_at AND (j.to_at IS NULL OR j.to_at > g.drawn_at)
    ), of_one AS (
        SELECT occurrence_id, anchor_kind, anchor_id, drawn_at, id AS account_id FROM first
        UNION ALL
        SELECT w.occurrence_id, w.anchor_kind, w.anchor_id, w.drawn_at, j.record_id
        FROM first w
        JOIN record_alias j ON j.kind = 'account' AND j.into_id = w.id AND j.cause = 'same_as'
                           AND j.from_at <= w.drawn_at AND (j.to_at IS NULL OR j.to_at > w.drawn_at)
    ), placed AS (
        SELECT o.occurrence_id, o.anchor_kind, o.anchor_id, c.id AS contact_id, c.person_id, a.crm_id AS account,
               c.account AS account_now,
               (SELECT f.id FROM field_change f
                WHERE f.kind = 'contact' AND f.record_id = c.id AND f.fact = 'account' AND f.seen_at > o.drawn_at
                ORDER BY f.seen_at, f.id LIMIT 1) AS moved_later,
               (SELECT f.id FROM field_change f
                WHERE f.kind = 'contact' AND f.record_id = c.id AND f.fact = 'person' AND f.seen_at > o.drawn_at
                      AND f.cause IN ('joined', 'split')
                ORDER BY f.seen_at, f.id LIMIT 1) AS reseated_later
        FROM of_one o
        JOIN account a ON a.id = o.account_id
        JOIN contact c ON c.crm = a.crm AND c.first_seen_at <= o.drawn_at
                      AND (c.removed_at IS NULL OR c.removed_at > o.drawn_at)
    ), looked AS (
        SELECT id AS occurrence_id, anchor_id, drawn_at AS at FROM occurrence
        WHERE anchor_kind = 'case' AND drawn_at IS NOT NULL
        UNION
        SELECT o.id, o.anchor_id, v.decided_at
        FROM occurrence o
        JOIN decision d ON d.occurrence_id = o.id
        JOIN verdict v ON v.decision_id = d.id
        WHERE o.anchor_kind = 'case'
    ), named AS (
        SELECT l.occurrence_id, l.at, s.crm, s.contact AS contact_now,
               (SELECT f.id FROM field_change f
                WHERE f.kind = 'case' AND f.record_id = s.id AND f.fact = 'contact' AND f.seen_at > l.at
                ORDER BY f.seen_at, f.id LIMIT 1) AS passed_later
        FROM looked l
        JOIN service_case s ON s.id = l.anchor_id
    ), bringers AS (
        SELECT n.occurrence_id, c.person_id,
               (SELECT f.id FROM field_change f
                WHERE f.kind = 'contact' AND f.record_id = c.id AND f.fact = 'person' AND f.seen_at > n.at
                      AND f.cause IN ('joined', 'split')
                ORDER BY f.seen_at, f.id LIMIT 1) AS reseated_later
        FROM named n
        LEFT JOIN field_change f ON f.id = n.passed_later
        JOIN contact c ON c.crm = n.crm AND c.first_seen_at <= n.at AND (c.removed_at IS NULL OR c.removed_at > n.at)
                      AND c.crm_id = CASE WHEN n.passed_later IS NULL THEN n.contact_now
                                          ELSE replace(CAST(f.old AS TEXT), '"', '') END
    )
    SELECT count(*) FROM (
        SELECT DISTINCT p.occurrence_id,
               CASE WHEN p.reseated_later IS NULL THEN p.person_id
                    ELSE CAST(CAST(s.old AS TEXT) AS INTEGER) END AS person_id
        FROM placed p
        LEFT JOIN field_change f ON f.id = p.moved_later
        LEFT JOIN field_change s ON s.id = p.reseated_later
        WHERE CASE WHEN p.moved_later IS NULL THEN p.account_now = p.account
                   ELSE replace(CAST(f.old AS TEXT), '"', '') = p.account END
          AND (p.anchor_kind <> 'contact' OR p.anchor_id = p.contact_id)
        UNION
        SELECT b.occurrence_id,
               CASE WHEN b.reseated_later IS NULL THEN b.person_id
                    ELSE CAST(CAST(s.old AS TEXT) AS INTEGER) END
        FROM bringers b
        LEFT JOIN field_change s ON s.id = b.reseated_later
    ) AS counted
""")


def count_candidates(connection: Connection) -> int:
    """Persons with a live contact on the joined account (or the anchor's own contact) when candidates were drawn.

    A case may pass on to another contact before somebody is asked: its own contact counts at each verdict about it.
    """
    return int(connection.execute(_CENSUS).scalar_one())
