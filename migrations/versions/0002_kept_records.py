"""Rows that are proof are never changed: rules, ballots, receipts, snapshots, log lines."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = {
    "rules_version": ("edition_id", "number", "text", "hash"),
    "ballot": ("screening_id", "marks", "seconds_watched", "signed_at"),
    "receipt": ("entry_id", "entry_number", "master_id", "sha256", "rules_version_id", "at"),
    "snapshot": ("edition_id", "sequence", "document", "sha256", "visible_from"),
    "asset": ("snapshot_id", "token", "storage_key", "media_type"),
    "log_line": ("at", "person_id", "edition_id", "act", "about", "details", "seal"),
    "master": ("storage_key", "size_bytes", "sha256"),
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table, columns in KEPT.items():
        if dialect == "sqlite":
            _keep_in_sqlite(table, columns)
        else:
            _keep_in_postgresql(table, columns)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table in KEPT:
        for act in ("update", "delete"):
            on_table = "" if dialect == "sqlite" else f" ON {table}"
            op.execute(f"DROP TRIGGER {table}_kept_from_{act}{on_table}")
    if dialect != "sqlite":
        op.execute("DROP FUNCTION refuse_change()")


def _keep_in_sqlite(table: str, columns: tuple[str, ...]) -> None:
    refusal = f"BEGIN SELECT RAISE(ABORT, '{table} rows are kept as they are'); END"
    op.execute(
        f"CREATE TRIGGER {table}_kept_from_update BEFORE UPDATE OF {', '.join(columns)}"
        f" ON {table} {refusal}"
    )
    op.execute(f"CREATE TRIGGER {table}_kept_from_delete BEFORE DELETE ON {table} {refusal}")


def _keep_in_postgresql(table: str, columns: tuple[str, ...]) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% rows are kept as they are', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_kept_from_update BEFORE UPDATE OF {', '.join(columns)}"
        f" ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_kept_from_delete BEFORE DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
