"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _ourselves()
    _hqs_own()
    _the_registry()
    _the_feed()
    _documents()
    _listings()
    _other_nodes()
    _leads()
    _runs()


def _ourselves() -> None:
    op.create_table(
        "chapter",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.Column("last_digest", sa.String(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("taken_over_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("row = 1", name="ck_chapter_one_row"),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_chapter")),
    )
    op.create_table(
        "hq",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("root_digest", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.CheckConstraint("row = 1", name="ck_hq_one_row"),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_hq")),
    )


def _hqs_own() -> None:
    op.create_table(
        "admission",
        sa.Column("chapter", sa.String(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chapter", name=op.f("pk_admission")),
    )
    op.create_table(
        "issued_invitation",
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("admits", sa.Boolean(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_issued_invitation")),
    )


def _the_registry() -> None:
    op.create_table(
        "held_registry",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("fresh_until", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("row = 1", name="ck_held_registry_one_row"),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_held_registry")),
    )
    op.create_table(
        "held_bin",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("registry_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_held_bin")),
    )
    op.create_table(
        "registry_chapter",
        sa.Column("chapter", sa.String(), nullable=False),
        sa.Column("root_version", sa.Integer(), nullable=False),
        sa.Column("root_digest", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("chapter", name=op.f("pk_registry_chapter")),
    )


def _the_feed() -> None:
    op.create_table(
        "counter",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("row = 1", name="ck_counter_one_row"),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_counter")),
    )
    op.create_table(
        "held_root",
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("author", "version", name=op.f("pk_held_root")),
        sa.UniqueConstraint("seq", name=op.f("uq_held_root_seq")),
    )
    with op.batch_alter_table("held_root", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_root_digest"), ["digest"], unique=False)


def _documents() -> None:
    op.create_table(
        "held_document",
        sa.Column("chapter", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("fresh_until", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("chapter", name=op.f("pk_held_document")),
        sa.UniqueConstraint("seq", name=op.f("uq_held_document_seq")),
    )
    with op.batch_alter_table("held_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_document_digest"), ["digest"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("chapter", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_evidence")),
    )


def _listings() -> None:
    op.create_table(
        "held_listing",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("chapter", sa.String(), nullable=False),
        sa.Column("listing", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("lat_e4", sa.Integer(), nullable=False),
        sa.Column("lon_e4", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("next_start", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_held_listing")),
        sa.UniqueConstraint("chapter", "listing", name="uq_held_listing_chapter_listing"),
    )
    with op.batch_alter_table("held_listing", schema=None) as batch_op:
        batch_op.create_index(
            "ix_held_listing_cell_next_start", ["cell", "next_start", "lat_e4", "lon_e4"], unique=False
        )


def _other_nodes() -> None:
    op.create_table(
        "peer",
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("try_after", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("base_url", name=op.f("pk_peer")),
    )
    op.create_table(
        "retry",
        sa.Column("chapter", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chapter", name=op.f("pk_retry")),
    )
    op.create_table(
        "relay_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chapter", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_item")),
    )
    op.create_table(
        "relay_receipt",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["relay_item.id"], name=op.f("fk_relay_receipt_item_id_relay_item"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", "base_url", name=op.f("pk_relay_receipt")),
    )


def _leads() -> None:
    op.create_table(
        "lead",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("public_name", sa.Boolean(), nullable=False),
        sa.Column("consented_at", sa.BigInteger(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
    )
    op.create_table(
        "lead_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_lead_session_lead_id_lead"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_lead_session")),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_sign_in_link_lead_id_lead"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_link")),
    )


def _runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("arrive_minutes_before", sa.Integer(), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=True),
        sa.Column("point_name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("directions", sa.String(), nullable=False),
        sa.Column("lat_e4", sa.Integer(), nullable=False),
        sa.Column("lon_e4", sa.Integer(), nullable=False),
        sa.Column("look_for", sa.String(), nullable=False),
        sa.Column("what_happens", sa.String(), nullable=False),
        sa.Column("bring", sa.String(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("form_id", sa.String(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_run_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("form_id", name=op.f("uq_run_form_id")),
    )
    op.create_table(
        "run_date",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("before", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_date_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", "day", name=op.f("pk_run_date")),
    )
