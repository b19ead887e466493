"""Uploads say beforehand what they are: the hash of the whole, and of each part before it comes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("upload", sa.Column("sha256", sa.String(64)))
    op.add_column("upload", sa.Column("sha256_at", sa.DateTime(timezone=True)))
    op.add_column("upload", sa.Column("whole_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("upload_part") as part:
        part.add_column(sa.Column("announced_at", sa.DateTime(timezone=True)))
        part.alter_column("received_at", nullable=True)
    op.execute("UPDATE upload_part SET announced_at = received_at")
    with op.batch_alter_table("upload_part") as part:
        part.alter_column("announced_at", nullable=False)


def downgrade() -> None:
    op.execute("DELETE FROM upload_part WHERE received_at IS NULL")
    with op.batch_alter_table("upload_part") as part:
        part.alter_column("received_at", nullable=False)
        part.drop_column("announced_at")
    for column in ("whole_at", "sha256_at", "sha256"):
        op.drop_column("upload", column)
