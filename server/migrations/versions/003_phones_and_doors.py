"""phones and doors"""

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision = "002"


def upgrade() -> None:
    op.create_table(
        "slip",
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("activation", "visit", name="slip_purpose", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(used_at IS NULL) = (used_by IS NULL)", name=op.f("ck_slip_used_pair")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_slip_enterprise_id_enterprise")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_slip")),
    )
    with op.batch_alter_table("slip", schema=None) as batch_op:
        batch_op.create_index("ix_slip_enterprise", ["enterprise_id", "purpose"], unique=False)

    op.create_table(
        "phone",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("inspector_id", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum("owner", "clerk", name="phone_role", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("public_key", sa.LargeBinary(length=65), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_because", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(enterprise_id IS NULL) <> (inspector_id IS NULL)", name=op.f("ck_phone_one_side")),
        sa.CheckConstraint("(enterprise_id IS NULL) = (role IS NULL)", name=op.f("ck_phone_role")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_because IS NULL)", name=op.f("ck_phone_revoked_pair")),
        sa.CheckConstraint("number < 67108864", name=op.f("ck_phone_number")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_phone_account_id_account")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_phone_enterprise_id_enterprise")),
        sa.ForeignKeyConstraint(["inspector_id"], ["inspector.id"], name=op.f("fk_phone_inspector_id_inspector")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_phone")),
        sa.UniqueConstraint("public_key", name=op.f("uq_phone_public_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("phone", schema=None) as batch_op:
        batch_op.create_index("ix_phone_enterprise", ["enterprise_id", "revoked_at"], unique=False)
        batch_op.create_index("ix_phone_inspector", ["inspector_id", "revoked_at"], unique=False)

    op.create_table(
        "door_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "not_these_people",
                "more_people",
                "began_before",
                name="door_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=500), nullable=False),
        sa.CheckConstraint("(kind = 'more_people') = (people IS NOT NULL)", name=op.f("ck_door_report_people")),
        sa.CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name=op.f("ck_door_report_seen_pair")),
        sa.ForeignKeyConstraint(["reported_by"], ["account.id"], name=op.f("fk_door_report_reported_by_account")),
        sa.ForeignKeyConstraint(["seen_by"], ["account.id"], name=op.f("fk_door_report_seen_by_account")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_door_report_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_report")),
    )
    with op.batch_alter_table("door_report", schema=None) as batch_op:
        batch_op.create_index("ix_door_report_reported", ["seen_at", "reported_at"], unique=False)
        batch_op.create_index("ix_door_report_visit", ["visit_id"], unique=False)

    op.create_table(
        "handshake",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_phone", sa.Integer(), nullable=False),
        sa.Column("enterprise_phone", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("shaken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_word", sa.String(length=8), nullable=False),
        sa.Column("second_word", sa.String(length=8), nullable=False),
        sa.Column("colour", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_handshake_account_id_account")),
        sa.ForeignKeyConstraint(
            ["enterprise_phone"], ["phone.number"], name=op.f("fk_handshake_enterprise_phone_phone")
        ),
        sa.ForeignKeyConstraint(["inspector_id"], ["inspector.id"], name=op.f("fk_handshake_inspector_id_inspector")),
        sa.ForeignKeyConstraint(["inspector_phone"], ["phone.number"], name=op.f("fk_handshake_inspector_phone_phone")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_handshake_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handshake")),
        sa.UniqueConstraint("visit_id", "inspector_id", name=op.f("uq_handshake_visit_id_inspector_id")),
    )
    op.create_table(
        "phone_step",
        sa.Column("phone_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["phone_number"], ["phone.number"], name=op.f("fk_phone_step_phone_number_phone")),
        sa.PrimaryKeyConstraint("phone_number", "step", name=op.f("pk_phone_step")),
    )
    with op.batch_alter_table("phone_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_phone_step_used_at"), ["used_at"], unique=False)

    op.add_column("visit_inspector", sa.Column("met_at", sa.DateTime(timezone=True), nullable=True))
    # Not in a batch: SQLite would build the table anew and forget that its serials are never used twice.
    op.add_column("plaque", sa.Column("site", sa.String(length=64), nullable=False, server_default=""))
    op.drop_index("uq_plaque_valid", table_name="plaque")
    valid = sa.text("revoked_at IS NULL")
    op.create_index(
        "uq_plaque_valid", "plaque", ["enterprise_id", "site"], unique=True, sqlite_where=valid, postgresql_where=valid
    )

    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("code_kind", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("phone_number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("presence_because", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.create_foreign_key(batch_op.f("fk_scan_phone_number_phone"), "phone", ["phone_number"], ["number"])


def downgrade() -> None:
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_scan_phone_number_phone"), type_="foreignkey")
        batch_op.drop_column("presence_because")
        batch_op.drop_column("phone_number")
        batch_op.drop_column("code_kind")

    op.drop_index("uq_plaque_valid", table_name="plaque")
    op.drop_column("plaque", "site")
    op.drop_column("visit_inspector", "met_at")
    valid = sa.text("revoked_at IS NULL")
    op.create_index(
        "uq_plaque_valid", "plaque", ["enterprise_id"], unique=True, sqlite_where=valid, postgresql_where=valid
    )

    with op.batch_alter_table("phone_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_phone_step_used_at"))

    op.drop_table("phone_step")
    op.drop_table("handshake")
    with op.batch_alter_table("door_report", schema=None) as batch_op:
        batch_op.drop_index("ix_door_report_visit")
        batch_op.drop_index("ix_door_report_reported")

    op.drop_table("door_report")
    with op.batch_alter_table("phone", schema=None) as batch_op:
        batch_op.drop_index("ix_phone_inspector")
        batch_op.drop_index("ix_phone_enterprise")

    op.drop_table("phone")
    with op.batch_alter_table("slip", schema=None) as batch_op:
        batch_op.drop_index("ix_slip_enterprise")

    op.drop_table("slip")
