"""counters of requests"""

import sqlalchemy as sa
from alembic import op

revision = "006"
down_revision = "005"


def upgrade() -> None:
    # On SQLite they lie in a file of their own.
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "limit_window",
            sa.Column("key", sa.String(length=32), nullable=False),
            sa.Column("count", sa.Integer(), nullable=False),
            sa.Column("ends_at", sa.Float(), nullable=False),
            sa.PrimaryKeyConstraint("key", name=op.f("pk_limit_window")),
            prefixes=["UNLOGGED"],
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_table("limit_window")
