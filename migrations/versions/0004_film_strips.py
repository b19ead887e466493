"""A strip of small stills is made of every film, beside its still and its viewing copy."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHECK = "ck_rendition_rendition_kind"


def upgrade() -> None:
    _allow("screener", "still", "strip")


def downgrade() -> None:
    op.execute("DELETE FROM rendition WHERE kind = 'strip'")
    _allow("screener", "still")


def _allow(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("rendition") as table:
        table.drop_constraint(op.f(CHECK), type_="check")
        table.create_check_constraint(op.f(CHECK), f"kind IN ({listed})")
