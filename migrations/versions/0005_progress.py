"""An inspection tells how far it has come."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inspection", sa.Column("looked_s", sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inspection") as table:
        table.drop_column("looked_s")
