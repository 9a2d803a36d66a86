"""The audit trail becomes a chain of hashes that the database itself keeps from being changed."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NOTHING = "0" * 64
_MESSAGE = "audit rows are never changed"
_BEYOND_THE_CUT = "audit rows leave from the front alone, once the cut is noted"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("DROP TRIGGER audit_is_append_only")
    for name in ("detail", "previous", "hash"):
        op.add_column(
            "audit", sa.Column(name, sa.String(length=64), server_default="", nullable=False)
        )
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("cut_id", sa.Integer(), nullable=False),
        sa.Column("cut_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )
    last_id, last_hash = _chain_what_is_there()
    op.execute(
        sa.text("INSERT INTO audit_chain VALUES (1, :id, :hash, 0, :nothing)").bindparams(
            id=last_id, hash=last_hash, nothing=_NOTHING
        )
    )
    for statement in _SQLITE_TRIGGERS if sqlite else _POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _chain_what_is_there() -> tuple[int, str]:
    connection = op.get_bind()
    audit = sa.table(
        "audit",
        sa.column("id", sa.Integer),
        sa.column("at", sa.DateTime(timezone=True)),
        *(sa.column(name, sa.String) for name in ("actor", "action", "object_kind", "object_id")),
        *(sa.column(name, sa.String) for name in ("previous", "hash")),
    )
    last_id, last_hash = 0, _NOTHING
    read = (audit.c.id, audit.c.at, audit.c.actor, audit.c.action)
    for row in connection.execute(
        sa.select(*read, audit.c.object_kind, audit.c.object_id).order_by(audit.c.id)
    ).all():
        content = {
            "id": row.id,
            "at": _in_utc(row.at).isoformat(timespec="microseconds"),
            "actor": row.actor,
            "action": row.action,
            "object_kind": row.object_kind,
            "object_id": row.object_id,
            "detail": "",
            "previous": last_hash,
        }
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        sealed = hashlib.sha256(canonical.encode("ascii")).hexdigest()
        connection.execute(
            sa.update(audit).where(audit.c.id == row.id).values(previous=last_hash, hash=sealed)
        )
        last_id, last_hash = row.id, sealed
    return last_id, last_hash


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        return instant.replace(tzinfo=timezone.utc)
    return instant.astimezone(timezone.utc)


_SQLITE_TRIGGERS = (
    "CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    "CREATE TRIGGER audit_leaves_from_the_front BEFORE DELETE ON audit "
    "WHEN OLD.id > (SELECT cut_id FROM audit_chain) "
    f"BEGIN SELECT RAISE(ABORT, '{_BEYOND_THE_CUT}'); END",
    "CREATE TRIGGER audit_chain_stays BEFORE DELETE ON audit_chain "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    "CREATE TRIGGER audit_chain_goes_forward BEFORE UPDATE ON audit_chain "
    "WHEN NEW.last_id < OLD.last_id OR NEW.cut_id < OLD.cut_id OR NEW.cut_id > NEW.last_id "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
)
_POSTGRESQL_TRIGGERS = (
    f"""
    CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'audit' AND TG_OP = 'DELETE' THEN
            IF OLD.id <= (SELECT cut_id FROM audit_chain) THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION '{_BEYOND_THE_CUT}';
        END IF;
        IF TG_TABLE_NAME = 'audit_chain' AND TG_OP = 'UPDATE' THEN
            IF NEW.last_id >= OLD.last_id AND NEW.cut_id >= OLD.cut_id
                AND NEW.cut_id <= NEW.last_id THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '{_MESSAGE}';
    END $$
    """,
    "CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit "
    "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
    "CREATE TRIGGER audit_chain_goes_forward BEFORE UPDATE OR DELETE ON audit_chain "
    "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
    "CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    "CREATE TRIGGER audit_chain_is_not_emptied BEFORE TRUNCATE ON audit_chain "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
)


def downgrade() -> None:
    raise NotImplementedError("a chain is not taken apart; restore a backup")
