"""law as data"""

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "first_offence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=36), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("conditions", sa.String(length=500), nullable=False),
        sa.Column("legal_basis", sa.String(length=500), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_offence")),
        sa.UniqueConstraint("code", name=op.f("uq_first_offence_code")),
    )
    with op.batch_alter_table("first_offence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_first_offence_field"), ["field"], unique=False)

    op.create_table(
        "pack_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("layers", sa.JSON(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.Column("because", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_version")),
    )
    with op.batch_alter_table("pack_version", schema=None) as batch_op:
        batch_op.create_index("ix_pack_version_applied", ["applied_at"], unique=False)

    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("matter_code", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=False),
        sa.Column("valid_to_on", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to_on IS NULL OR valid_from_on <= valid_to_on", name=op.f("ck_delegation_validity")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_delegation_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint(
            "agency_id", "matter_code", "valid_from_on", name=op.f("uq_delegation_agency_id_matter_code_valid_from_on")
        ),
    )
    op.create_table(
        "draw",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("pools", sa.JSON(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("committed_by", sa.Uuid(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.CheckConstraint("(drawn_at IS NULL) = (result IS NULL)", name=op.f("ck_draw_drawn_pair")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_draw_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
    )
    with op.batch_alter_table("draw", schema=None) as batch_op:
        batch_op.create_index("ix_draw_agency", ["agency_id", "committed_at"], unique=False)

    op.create_table(
        "quiet_choice",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_quiet_choice_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "on", name=op.f("pk_quiet_choice")),
    )
    op.create_table(
        "tier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column(
            "risk",
            sa.Enum("low", "medium", "high", name="risk", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("credit", sa.String(length=1), nullable=False),
        sa.Column("tier", sa.String(length=1), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.CheckConstraint("credit IN ('A', 'B', 'C', 'D')", name=op.f("ck_tier_credit")),
        sa.CheckConstraint("tier IN ('A', 'B', 'C', 'D')", name=op.f("ck_tier_tier")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_tier_enterprise_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier")),
        sa.UniqueConstraint(
            "enterprise_id", "department", "since_on", name=op.f("uq_tier_enterprise_id_department_since_on")
        ),
    )
    op.create_table(
        "visit_counter",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("lifted", sa.Integer(), nullable=False),
        sa.CheckConstraint("used <= most + lifted", name=op.f("ck_visit_counter_cap")),
        sa.CheckConstraint("used >= 0 AND lifted >= 0 AND most >= 0", name=op.f("ck_visit_counter_positive")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_visit_counter_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "clause_id", "subject", "year", name=op.f("pk_visit_counter")),
    )
    op.create_table(
        "year_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "draft", "approved", "published", name="stage", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(stage = 'published') = (published_at IS NOT NULL)", name=op.f("ck_year_plan_published_pair")
        ),
        sa.CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name=op.f("ck_year_plan_approved_pair")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_year_plan_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_plan")),
        sa.UniqueConstraint("agency_id", "year", name=op.f("uq_year_plan_agency_id_year")),
    )
    op.create_table(
        "draw_assignment",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("valid_to_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_draw_assignment_agency_id_agency")),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_assignment_draw_id_draw")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_draw_assignment_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["inspector.id"], name=op.f("fk_draw_assignment_inspector_id_inspector")
        ),
        sa.PrimaryKeyConstraint("draw_id", "enterprise_id", "inspector_id", name=op.f("pk_draw_assignment")),
    )
    with op.batch_alter_table("draw_assignment", schema=None) as batch_op:
        batch_op.create_index("ix_draw_assignment_enterprise", ["enterprise_id", "inspector_id"], unique=False)

    op.create_table(
        "plan_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("matter_code", sa.String(length=36), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("joint_with", sa.JSON(), nullable=False),
        sa.Column("added_because", sa.String(length=300), nullable=False),
        sa.CheckConstraint("month IS NULL OR month BETWEEN 1 AND 12", name=op.f("ck_plan_item_month")),
        sa.CheckConstraint("times BETWEEN 1 AND 10000", name=op.f("ck_plan_item_times")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_plan_item_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["year_plan.id"], name=op.f("fk_plan_item_plan_id_year_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_item")),
    )
    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        batch_op.create_index("ix_plan_item_enterprise", ["enterprise_id", "plan_id"], unique=False)
        batch_op.create_index("ix_plan_item_plan", ["plan_id"], unique=False)

    op.create_table(
        "join_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("matter_ids", sa.JSON(), nullable=False),
        sa.Column("inspector_ids", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (accepted IS NULL)",
            name=op.f("ck_join_proposal_decided_pair"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_join_proposal_agency_id_agency")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_join_proposal_decided_by_account")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_join_proposal_proposed_by_account")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_join_proposal_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_proposal")),
    )
    with op.batch_alter_table("join_proposal", schema=None) as batch_op:
        batch_op.create_index("ix_join_proposal_agency", ["agency_id"], unique=False)
        batch_op.create_index("ix_join_proposal_visit", ["visit_id"], unique=False)

    op.create_table(
        "visit_count",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_count_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", "clause_id", "subject", "year", name=op.f("pk_visit_count")),
    )
    op.create_table(
        "visit_verdict",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "pass", "record", "warn", "block", name="outcome", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("moment", sa.String(length=16), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("sentence_en", sa.String(length=500), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim_class", sa.String(length=64), nullable=True),
        sa.Column("claim_evidence", sa.String(length=1000), nullable=True),
        sa.Column("approver", sa.String(length=16), nullable=True),
        sa.Column("lifted", sa.Boolean(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint("lifted IS NULL OR outcome = 'block'", name=op.f("ck_visit_verdict_only_blocks_lifted")),
        sa.CheckConstraint(
            "(claim_class IS NULL) = (claim_evidence IS NULL)", name=op.f("ck_visit_verdict_claim_pair")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (lifted IS NULL)",
            name=op.f("ck_visit_verdict_decided_pair"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_visit_verdict_decided_by_account")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_verdict_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_verdict")),
    )
    with op.batch_alter_table("visit_verdict", schema=None) as batch_op:
        batch_op.create_index("ix_visit_verdict_clause", ["clause_id", "outcome", "judged_at"], unique=False)
        batch_op.create_index("ix_visit_verdict_visit", ["visit_id"], unique=False)

    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.add_column(sa.Column("zone", sa.String(length=32), nullable=False, server_default=""))

    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_offence_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_finding_first_offence_id_first_offence"), "first_offence", ["first_offence_id"], ["id"]
        )

    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("clocks", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("presence_demanded", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("passed", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("noted", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("tier", sa.String(length=16), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("off_site_means", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("asked_for", sa.String(length=1000), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("is_late", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("confirmed", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("confirmed_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("heads", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("found", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_visit_confirmed_by_account"), "account", ["confirmed_by"], ["id"])
        batch_op.create_check_constraint(
            batch_op.f("ck_visit_off_site_means"), "off_site_means IN ('materials', 'video')"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_visit_confirmed_pair"),
            "(confirmed_at IS NULL) = (confirmed_by IS NULL) AND (confirmed_at IS NULL) = (confirmed IS NULL)",
        )
    # Visits from before: what their sealed record says.
    for column, value in (
        ("heads", "record.heads"),
        ("minutes", "record.minutes"),
        ("found", "(SELECT count(*) FROM finding WHERE finding.record_id = record.id)"),
    ):
        op.execute(f"UPDATE visit SET {column} = (SELECT {value} FROM record WHERE record.visit_id = visit.id)")


def downgrade() -> None:
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_visit_confirmed_pair"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_visit_off_site_means"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_visit_confirmed_by_account"), type_="foreignkey")
        batch_op.drop_column("found")
        batch_op.drop_column("minutes")
        batch_op.drop_column("heads")
        batch_op.drop_column("confirmed_by")
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("confirmed")
        batch_op.drop_column("is_late")
        batch_op.drop_column("asked_for")
        batch_op.drop_column("off_site_means")
        batch_op.drop_column("tier")
        batch_op.drop_column("noted")
        batch_op.drop_column("passed")
        batch_op.drop_column("presence_demanded")
        batch_op.drop_column("clocks")

    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_finding_first_offence_id_first_offence"), type_="foreignkey")
        batch_op.drop_column("first_offence_id")

    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.drop_column("zone")

    with op.batch_alter_table("visit_verdict", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_verdict_visit")
        batch_op.drop_index("ix_visit_verdict_clause")

    op.drop_table("visit_verdict")
    op.drop_table("visit_count")
    with op.batch_alter_table("join_proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_join_proposal_visit")
        batch_op.drop_index("ix_join_proposal_agency")

    op.drop_table("join_proposal")
    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        batch_op.drop_index("ix_plan_item_plan")
        batch_op.drop_index("ix_plan_item_enterprise")

    op.drop_table("plan_item")
    with op.batch_alter_table("draw_assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_draw_assignment_enterprise")

    op.drop_table("draw_assignment")
    op.drop_table("year_plan")
    op.drop_table("visit_counter")
    op.drop_table("tier")
    op.drop_table("quiet_choice")
    with op.batch_alter_table("draw", schema=None) as batch_op:
        batch_op.drop_index("ix_draw_agency")

    op.drop_table("draw")
    op.drop_table("delegation")
    with op.batch_alter_table("pack_version", schema=None) as batch_op:
        batch_op.drop_index("ix_pack_version_applied")

    op.drop_table("pack_version")
    with op.batch_alter_table("first_offence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_first_offence_field"))

    op.drop_table("first_offence")
    op.drop_table("calendar_day")
