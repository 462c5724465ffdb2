"""the loop"""

import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("basis", sa.String(length=32), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_enterprise", ["enterprise_id", "id"], unique=False)
        batch_op.create_index("ix_event_subject", ["subject_kind", "subject_id", "id"], unique=False)

    op.create_table(
        "import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "inspectors",
                "enterprises",
                "matters",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Integer(), nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("rejected_rows", sa.JSON(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    op.create_table(
        "matter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("legal_basis", sa.String(length=500), nullable=False),
        sa.Column("method", sa.String(length=64), nullable=False),
        sa.Column("yearly_frequency", sa.Integer(), nullable=True),
        sa.Column("checklist", sa.JSON(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_matter_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_matter_code_version")),
    )
    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_matter_department"), ["department"], unique=False)
        batch_op.create_index(
            "uq_matter_listed",
            ["code"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "region",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("parent_code", sa.String(length=6), nullable=True),
        sa.ForeignKeyConstraint(["parent_code"], ["region.code"], name=op.f("fk_region_parent_code_region")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_table(
        "agency",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_agency_region_code_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("name", name=op.f("uq_agency_name")),
    )
    with op.batch_alter_table("agency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agency_department"), ["department"], unique=False)
        batch_op.create_index(batch_op.f("ix_agency_region_code"), ["region_code"], unique=False)

    op.create_table(
        "enterprise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("uscc_doubtful", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "company",
                "sole_trader",
                "cooperative",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_enterprise_position_pair")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_enterprise_region_code_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise")),
        sa.UniqueConstraint("uscc", name=op.f("uq_enterprise_uscc")),
    )
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enterprise_name"), ["name"], unique=False)
        batch_op.create_index("ix_enterprise_region_name", ["region_code", "name"], unique=False)

    op.create_table(
        "inspector",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=64), nullable=False),
        sa.Column("certificate_no", sa.String(length=64), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=False),
        sa.Column("valid_to_on", sa.Date(), nullable=False),
        sa.CheckConstraint("valid_from_on <= valid_to_on", name=op.f("ck_inspector_validity")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_inspector_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspector")),
        sa.UniqueConstraint("issuer", "certificate_no", name=op.f("uq_inspector_issuer_certificate_no")),
    )
    with op.batch_alter_table("inspector", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspector_agency_id"), ["agency_id"], unique=False)

    op.create_table(
        "plaque",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_because", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_because IS NULL) AND (revoked_at IS NULL) = (revoked_by IS NULL)",
            name=op.f("ck_plaque_revoked_pair"),
        ),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_plaque_enterprise_id_enterprise")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_plaque")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("plaque", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plaque_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(
            "uq_plaque_valid",
            ["enterprise_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "inspector",
                "head",
                "enterprise",
                "supervisor",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=128), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("inspector_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.String(length=6), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("locked_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(role IN ('inspector', 'head')) = (agency_id IS NOT NULL) AND (role = 'inspector') = (inspector_id IS NOT NULL) AND (role IN ('supervisor', 'administrator')) = (region_code IS NOT NULL) AND (role = 'enterprise') = (enterprise_id IS NOT NULL)",
            name=op.f("ck_account_scope"),
        ),
        sa.CheckConstraint("(disabled_at IS NULL) = (disabled_by IS NULL)", name=op.f("ck_account_disabled_pair")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_account_agency_id_agency")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_account_enterprise_id_enterprise")),
        sa.ForeignKeyConstraint(["inspector_id"], ["inspector.id"], name=op.f("fk_account_inspector_id_inspector")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_account_region_code_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("inspector_id", name=op.f("uq_account_inspector_id")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_agency_id"), ["agency_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_enterprise_id"), ["enterprise_id"], unique=False)

    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=128), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_because", sa.String(length=32), nullable=True),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_because IS NULL)", name=op.f("ck_device_revoked_pair")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_device_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index("ix_device_account", ["account_id", "revoked_at"], unique=False)

    op.create_table(
        "request_key",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_request_key_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_request_key")),
    )
    with op.batch_alter_table("request_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_key_answered_at"), ["answered_at"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("inspection", "service", name="purpose", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "plan",
                "random_draw",
                "complaint",
                "tip",
                "ordered",
                "follow_up",
                "emergency",
                "request",
                "service",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum(
                "registered",
                "approved",
                "rejected",
                "cancelled",
                "expired",
                "on_site",
                "turned_away",
                "recorded",
                "evaluated",
                "unrated",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("window_from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_to_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inspectors_needed", sa.Integer(), nullable=False),
        sa.Column("policy_version", sa.String(length=64), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("approval_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_site_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("record_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evaluation_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(purpose = 'service') = (basis = 'service')", name=op.f("ck_visit_service_basis")),
        sa.CheckConstraint("inspectors_needed >= 1", name=op.f("ck_visit_inspectors_needed")),
        sa.CheckConstraint("window_from_at < window_to_at", name=op.f("ck_visit_window")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_visit_agency_id_agency")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_visit_enterprise_id_enterprise")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_visit_region_code_region")),
        sa.ForeignKeyConstraint(["registered_by"], ["account.id"], name=op.f("fk_visit_registered_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index("ix_visit_agency", ["agency_id", "stage", "window_from_at"], unique=False)
        batch_op.create_index("ix_visit_clock", ["stage", "window_to_at"], unique=False)
        batch_op.create_index("ix_visit_enterprise", ["enterprise_id", "window_from_at"], unique=False)
        batch_op.create_index("ix_visit_on_site", ["on_site_at"], unique=False)
        batch_op.create_index("ix_visit_region", ["region_code", "window_from_at"], unique=False)

    op.create_table(
        "evaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("overall", sa.Integer(), nullable=False),
        sa.Column("conduct", sa.Integer(), nullable=False),
        sa.Column("lawfulness", sa.Integer(), nullable=False),
        sa.Column("beyond_list", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.String(length=300), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evaluated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("conduct BETWEEN 1 AND 5", name=op.f("ck_evaluation_conduct")),
        sa.CheckConstraint("lawfulness BETWEEN 1 AND 5", name=op.f("ck_evaluation_lawfulness")),
        sa.CheckConstraint("overall BETWEEN 1 AND 5", name=op.f("ck_evaluation_overall")),
        sa.ForeignKeyConstraint(["evaluated_by"], ["account.id"], name=op.f("fk_evaluation_evaluated_by_account")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_evaluation_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_evaluation_visit_id")),
    )
    op.create_table(
        "helper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_helper_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper")),
    )
    with op.batch_alter_table("helper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_helper_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column(
            "disposition",
            sa.Enum(
                "none",
                "guidance",
                "correction_order",
                "case_opened",
                "transferred",
                name="disposition",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("heads BETWEEN 1 AND 200", name=op.f("ck_record_heads")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_record_minutes")),
        sa.ForeignKeyConstraint(["sealed_by"], ["account.id"], name=op.f("fk_record_sealed_by_account")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_record_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_record_visit_id")),
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("serial", sa.BigInteger(), nullable=True),
        sa.Column(
            "method",
            sa.Enum(
                "camera", "photo", "typed", "link", name="method", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column(
            "presence",
            sa.Enum("strong", "fair", "weak", name="presence", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_because", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_scan_place_pair")),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_because IS NULL)", name=op.f("ck_scan_withdrawn_pair")),
        sa.CheckConstraint("withdrawn_at IS NULL OR reason IS NULL", name=op.f("ck_scan_only_accepted_withdrawn")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_scan_account_id_account")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_scan_enterprise_id_enterprise")),
        sa.ForeignKeyConstraint(["inspector_id"], ["inspector.id"], name=op.f("fk_scan_inspector_id_inspector")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_scan_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index("ix_scan_received", ["received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_visit_id"), ["visit_id"], unique=False)
        batch_op.create_index(
            "uq_scan_accepted",
            ["visit_id", "inspector_id"],
            unique=True,
            sqlite_where=sa.text("reason IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("reason IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "visit_agency",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("decision IN ('approve', 'reject')", name=op.f("ck_visit_agency_decision")),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name=op.f("ck_visit_agency_decided_pair"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_visit_agency_agency_id_agency")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_visit_agency_decided_by_account")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_agency_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", "agency_id", name=op.f("pk_visit_agency")),
    )
    with op.batch_alter_table("visit_agency", schema=None) as batch_op:
        batch_op.create_index("ix_visit_agency_agency", ["agency_id", "visit_id"], unique=False)

    op.create_table(
        "visit_inspector",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("certificate_no", sa.String(length=64), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["inspector.id"], name=op.f("fk_visit_inspector_inspector_id_inspector")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_inspector_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", "inspector_id", name=op.f("pk_visit_inspector")),
    )
    with op.batch_alter_table("visit_inspector", schema=None) as batch_op:
        batch_op.create_index("ix_visit_inspector_inspector", ["inspector_id", "visit_id"], unique=False)

    op.create_table(
        "visit_matter",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_visit_matter_matter_id_matter")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_matter_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", "matter_id", name=op.f("pk_visit_matter")),
    )
    op.create_table(
        "amendment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amended_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["amended_by"], ["account.id"], name=op.f("fk_amendment_amended_by_account")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_amendment_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_amendment_record_id"), ["record_id"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_evidence_record_id_record")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_evidence_uploaded_by_account")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_evidence_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_offence", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_finding_matter_id_matter")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_finding_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_record_id"), ["record_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finding_record_id"))

    op.drop_table("finding")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_visit_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_record_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_amendment_record_id"))

    op.drop_table("amendment")
    op.drop_table("visit_matter")
    with op.batch_alter_table("visit_inspector", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_inspector_inspector")

    op.drop_table("visit_inspector")
    with op.batch_alter_table("visit_agency", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_agency_agency")

    op.drop_table("visit_agency")
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_scan_accepted",
            sqlite_where=sa.text("reason IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("reason IS NULL AND withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_scan_visit_id"))
        batch_op.drop_index("ix_scan_received")

    op.drop_table("scan")
    op.drop_table("record")
    with op.batch_alter_table("helper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_helper_visit_id"))

    op.drop_table("helper")
    op.drop_table("evaluation")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_region")
        batch_op.drop_index("ix_visit_on_site")
        batch_op.drop_index("ix_visit_enterprise")
        batch_op.drop_index("ix_visit_clock")
        batch_op.drop_index("ix_visit_agency")

    op.drop_table("visit")
    with op.batch_alter_table("request_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_key_answered_at"))

    op.drop_table("request_key")
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_index("ix_device_account")

    op.drop_table("device")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_enterprise_id"))
        batch_op.drop_index(batch_op.f("ix_account_agency_id"))

    op.drop_table("account")
    with op.batch_alter_table("plaque", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_plaque_valid",
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_plaque_enterprise_id"))

    op.drop_table("plaque")
    with op.batch_alter_table("inspector", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inspector_agency_id"))

    op.drop_table("inspector")
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.drop_index("ix_enterprise_region_name")
        batch_op.drop_index(batch_op.f("ix_enterprise_name"))

    op.drop_table("enterprise")
    with op.batch_alter_table("agency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agency_region_code"))
        batch_op.drop_index(batch_op.f("ix_agency_department"))

    op.drop_table("agency")
    op.drop_table("region")
    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_matter_listed",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_matter_department"))

    op.drop_table("matter")
    op.drop_table("import")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_subject")
        batch_op.drop_index("ix_event_enterprise")

    op.drop_table("event")
