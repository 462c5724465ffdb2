"""what lists are read by"""

import sqlalchemy as sa
from alembic import op

revision = "007"
down_revision = "006"

AMBER = sa.text("approval_due_at IS NOT NULL AND approved_at IS NULL")
UNDECIDED = sa.text("decision IS NULL")
INDEXES = (
    ("ix_visit_window", "visit", ["window_from_at", "id"], None),
    ("ix_visit_record_due", "visit", ["stage", "record_due_at"], None),
    ("ix_visit_amber", "visit", ["approval_due_at"], AMBER),
    ("ix_visit_agency_undecided", "visit_agency", ["agency_id", "visit_id"], UNDECIDED),
)


def upgrade() -> None:
    # A province goes on working while its indexes are built.
    with op.get_context().autocommit_block():
        for name, table, columns, where in INDEXES:
            op.create_index(
                name, table, columns, sqlite_where=where, postgresql_where=where, postgresql_concurrently=True
            )


def downgrade() -> None:
    for name, table, *_ in reversed(INDEXES):
        op.drop_index(name, table)
