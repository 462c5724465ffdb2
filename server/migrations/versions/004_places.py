"""places"""

import sqlalchemy as sa
from alembic import op

revision = "004"
down_revision = "003"


def upgrade() -> None:
    placed = sa.text("latitude IS NOT NULL")
    op.create_index("ix_scan_placed", "scan", ["received_at"], sqlite_where=placed, postgresql_where=placed)


def downgrade() -> None:
    op.drop_index("ix_scan_placed", table_name="scan")
