"""Ways to sign in without a password: links, codes by mail, passkeys, recovery codes; and how often one may guess."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ...database import Base, Instant, Past


class SignInLink(Base):
    """A one-time sign-in link, good for 15 minutes, kept as the SHA-256 of its token."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(Instant)


class SignInCode(Base):
    """A six-digit code that was mailed, good for 15 minutes; the link in the same mail is `id`'s.

    `person_id`: None where the address is new, and its code makes an account. `email`: sealed, of such an account.
    `code_hash`: an HMAC, since six digits are guessed from a plain hash.
    """

    __tablename__ = "sign_in_code"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    email: Mapped[bytes | None]
    email_index: Mapped[str] = mapped_column(index=True)
    code_hash: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(Instant)


class Attempt(Base):
    """One try at something that can be guessed or flooded. `budget`: the HMAC of what is guessed, and for whom.

    The rows outlast a restart, which would otherwise give a guesser a new budget.
    """

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    budget: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(Past)


class Passkey(Base):
    """A WebAuthn credential of a person. `sign_count`: as the authenticator last said."""

    __tablename__ = "passkey"

    credential_id: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime] = mapped_column(Past)
    used_at: Mapped[datetime | None] = mapped_column(Past)


class Challenge(Base):
    """A WebAuthn challenge that this node has given and nobody has used yet. `person_id`: of whoever adds a passkey."""

    __tablename__ = "challenge"

    challenge: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(Instant)


class RecoveryCode(Base):
    """A code on paper that signs in once, kept as an HMAC."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(Past)


class RoleInvitation(Base):
    """A one-time link by which a lead makes somebody a lead or a co-lead, kept as the SHA-256 of its token.

    One that was taken back expires then. `used_by`: whoever has used it; None once that account is deleted.
    """

    __tablename__ = "role_invitation"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    invited_by: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Past)
    used_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
