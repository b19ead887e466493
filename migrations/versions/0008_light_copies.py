"""A light copy of a film for poor lines, and its Content Credentials kept beside it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHECK = "ck_rendition_rendition_kind"


def upgrade() -> None:
    _allow("screener", "light", "still", "strip", "credentials")


def downgrade() -> None:
    op.execute("DELETE FROM rendition WHERE kind IN ('light', 'credentials')")
    _allow("screener", "still", "strip")


def _allow(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("rendition") as table:
        table.drop_constraint(op.f(CHECK), type_="check")
        table.create_check_constraint(op.f(CHECK), f"kind IN ({listed})")
