"""What a model of films and jurors says beside each frozen place, and of the jury as a whole."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("standing", sa.Column("model", sa.JSON(), nullable=True))
    op.add_column("round", sa.Column("jury", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("standing") as table:
        table.drop_column("model")
    with op.batch_alter_table("round") as table:
        table.drop_column("jury")
