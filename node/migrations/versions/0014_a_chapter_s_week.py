"""A chapter's week: people and their roles, the rota, who comes, the day of a run, letters. A lead is a person now."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    _people()
    _hours_of_the_search_for_a_lead()
    _ways_to_sign_in()
    _codes_and_invitations()
    _rota()
    _duties()
    _comers()
    _dates_of_comers()
    _openings_of_contacts()
    _run_day()
    _first_time()
    _letters()
    _consent_and_upkeep()


def _people() -> None:
    """People with an account: a lead is one of them."""
    # SQLite points the other tables' foreign keys to the new names.
    op.rename_table("lead", "person")
    op.rename_table("lead_session", "person_session")
    for table in ("sign_in_link", "person_session"):
        op.alter_column(table, "lead_id", new_column_name="person_id")
    op.add_column("person", sa.Column("role", sa.String(), server_default="lead", nullable=False))
    op.add_column("person", sa.Column("email", sa.LargeBinary(), nullable=True))
    op.add_column("person", sa.Column("email_index", sa.String(), nullable=True))
    op.add_column("person", sa.Column("email_confirmed_at", sa.BigInteger(), nullable=True))
    op.add_column("person", sa.Column("language", sa.String(), server_default="", nullable=False))
    op.add_column("person", sa.Column("seen_at", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_person_email_index"), "person", ["email_index"], unique=True)


def _hours_of_the_search_for_a_lead() -> None:
    """How long before a run its leads are asked, and whoever comes is told."""
    op.add_column("run", sa.Column("cover_hours", sa.Integer(), server_default="24", nullable=False))
    op.add_column("run", sa.Column("warn_hours", sa.Integer(), server_default="2", nullable=False))


def _ways_to_sign_in() -> None:
    """Passkeys, and how often one may guess."""
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("budget", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_budget"), "attempt", ["budget"], unique=False)
    op.create_table(
        "challenge",
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_challenge_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_challenge")),
    )
    op.create_table(
        "passkey",
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_passkey_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_passkey")),
    )


def _codes_and_invitations() -> None:
    """Codes on paper and by mail, and invitations to lead."""
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "role_invitation",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["person.id"], name=op.f("fk_role_invitation_invited_by_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_role_invitation")),
    )
    op.create_table(
        "sign_in_code",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sign_in_code_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_code")),
    )
    op.create_index(op.f("ix_sign_in_code_email_index"), "sign_in_code", ["email_index"], unique=False)


def _rota() -> None:
    """Whose turn it is by rule, and who takes none."""
    op.create_table(
        "holiday",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_holiday_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday")),
    )
    op.create_index("ix_holiday_person_id", "holiday", ["person_id"], unique=False)
    op.create_table(
        "rota_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("dates", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_rota_rule_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_rota_rule_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_rule")),
    )
    op.create_index(op.f("ix_rota_rule_run_id"), "rota_rule", ["run_id"], unique=False)


def _duties() -> None:
    """Who does what on which date."""
    op.create_table(
        "duty",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("promised_at", sa.BigInteger(), nullable=True),
        sa.Column("offered_to", sa.Integer(), nullable=True),
        sa.Column("dropped_at", sa.BigInteger(), nullable=True),
        sa.Column("dropped_by", sa.Integer(), nullable=True),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("was_off", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["dropped_by"], ["person.id"], name=op.f("fk_duty_dropped_by_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["offered_to"], ["person.id"], name=op.f("fk_duty_offered_to_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_duty_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_duty_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", "day", "duty", name=op.f("pk_duty")),
    )
    op.create_index(op.f("ix_duty_person_id"), "duty", ["person_id"], unique=False)


def _comers() -> None:
    """Whoever says "I'm coming"."""
    op.create_table(
        "coming",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("said_for", sa.String(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.Column("given_for", sa.Date(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("first_time", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("look_out", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("language", sa.String(), server_default="", nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("emergency", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.String(), nullable=True),
        sa.Column("email_confirmed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_coming_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_coming_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coming")),
        sa.UniqueConstraint("form_id", name=op.f("uq_coming_form_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_coming_token_hash")),
    )
    for column in ("email_index", "person_id", "run_id"):
        op.create_index(op.f(f"ix_coming_{column}"), "coming", [column], unique=False)


def _dates_of_comers() -> None:
    """What becomes of each date to which somebody comes."""
    op.create_table(
        "coming_date",
        sa.Column("coming_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("said_for", sa.String(), nullable=True),
        sa.Column("told", sa.String(), nullable=True),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coming_id"], ["coming.id"], name=op.f("fk_coming_date_coming_id_coming"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("coming_id", "day", name=op.f("pk_coming_date")),
    )
    op.create_table(
        "day_off",
        sa.Column("coming_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coming_id"], ["coming.id"], name=op.f("fk_day_off_coming_id_coming"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("coming_id", "day", name=op.f("pk_day_off")),
    )
    op.create_table(
        "cannot_find",
        sa.Column("coming_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coming_id"], ["coming.id"], name=op.f("fk_cannot_find_coming_id_coming"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("coming_id", "day", name=op.f("pk_cannot_find")),
    )


def _openings_of_contacts() -> None:
    """Who opened the contact of a comer, and when."""
    op.create_table(
        "emergency_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coming_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coming_id"], ["coming.id"], name=op.f("fk_emergency_opening_coming_id_coming"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_emergency_opening_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_opening")),
    )
    op.create_index(op.f("ix_emergency_opening_coming_id"), "emergency_opening", ["coming_id"], unique=False)
    op.create_index(op.f("ix_emergency_opening_person_id"), "emergency_opening", ["person_id"], unique=False)


def _run_day() -> None:
    """The day of a run."""
    op.create_table(
        "run_day",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("heads_out", sa.Integer(), nullable=True),
        sa.Column("heads_back", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("band", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_day_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", "day", name=op.f("pk_run_day")),
    )
    op.create_table(
        "check_in",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_check_in_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_check_in_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
    )
    op.create_index(op.f("ix_check_in_person_id"), "check_in", ["person_id"], unique=False)


def _first_time() -> None:
    """What a run tells whoever comes for the first time."""
    op.create_table(
        "first_timer_letter",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_first_timer_letter_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_first_timer_letter")),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("shows", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_photo_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index(op.f("ix_photo_run_id"), "photo", ["run_id"], unique=False)


def _letters() -> None:
    """Letters that wait, and addresses that take none."""
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("coming_id", sa.String(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("try_at", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("in_doubt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("given_up", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["coming_id"], ["coming.id"], name=op.f("fk_letter_coming_id_coming"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_letter_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_key")),
    )
    for column in ("coming_id", "person_id", "try_at"):
        op.create_index(op.f(f"ix_letter_{column}"), "letter", [column], unique=False)
    op.create_table(
        "closed_address",
        sa.Column("email_index", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("email_index", name=op.f("pk_closed_address")),
    )


def _consent_and_upkeep() -> None:
    """What people have agreed to, and when what is over was last deleted."""
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("coming_id", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["coming_id"], ["coming.id"], name=op.f("fk_consent_coming_id_coming"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_coming_id"), "consent", ["coming_id"], unique=False)
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"], unique=False)
    op.create_table(
        "upkeep",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("swept_at", sa.BigInteger(), nullable=True),
        sa.Column("key_proof", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("row = 1", name="ck_upkeep_one_row"),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_upkeep")),
    )
