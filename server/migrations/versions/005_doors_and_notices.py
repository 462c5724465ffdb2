"""doors and notices"""

import sqlalchemy as sa
from alembic import op

revision = "005"
down_revision = "004"


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "alert", name="channel", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(length=20), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.CheckConstraint("sent_at IS NULL OR given_up_at IS NULL", name=op.f("ck_notice_one_end")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
        )

    op.create_table(
        "sms_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_sms_code_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_code")),
    )
    with op.batch_alter_table("sms_code", schema=None) as batch_op:
        batch_op.create_index("ix_sms_code_enterprise", ["enterprise_id", "sent_at"], unique=False)

    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact_mobile", sa.String(length=20), nullable=True))

    with op.batch_alter_table("handshake", schema=None) as batch_op:
        batch_op.create_index("ix_handshake_enterprise_phone", ["enterprise_phone", "shaken_at"], unique=False)

    with op.batch_alter_table("inspector", schema=None) as batch_op:
        batch_op.add_column(sa.Column("photo_key", sa.String(length=80), nullable=True))

    # Rebuilt on SQLite: what is reflected there forgets that serials never come again.
    with op.batch_alter_table("plaque", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("lost", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("found_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("found_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("found_note", sa.String(length=200), nullable=False, server_default=""))
        batch_op.create_check_constraint("lost", "NOT lost OR revoked_at IS NOT NULL")
        batch_op.create_check_constraint("found", "found_at IS NULL OR lost")

    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("inspector_phone", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_scan_inspector_phone_phone"), "phone", ["inspector_phone"], ["number"]
        )


def downgrade() -> None:
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_scan_inspector_phone_phone"), type_="foreignkey")
        batch_op.drop_column("inspector_phone")

    with op.batch_alter_table("plaque", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_constraint("found", type_="check")
        batch_op.drop_constraint("lost", type_="check")
        batch_op.drop_column("found_note")
        batch_op.drop_column("found_by")
        batch_op.drop_column("found_at")
        batch_op.drop_column("lost")

    with op.batch_alter_table("inspector", schema=None) as batch_op:
        batch_op.drop_column("photo_key")

    with op.batch_alter_table("handshake", schema=None) as batch_op:
        batch_op.drop_index("ix_handshake_enterprise_phone")

    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.drop_column("contact_mobile")

    with op.batch_alter_table("sms_code", schema=None) as batch_op:
        batch_op.drop_index("ix_sms_code_enterprise")

    op.drop_table("sms_code")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notice_due",
            sqlite_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND given_up_at IS NULL"),
        )

    op.drop_table("notice")
