"""Roles: what a person of the chapter may do. HQ's people are leads all."""

from typing import Literal, TypeGuard

Role = Literal["member", "co-lead", "lead"]

#: The least first. Whoever has a role may do what each role before it may.
ROLES: tuple[Role, ...] = ("member", "co-lead", "lead")
#: The roles that lead runs.
LEADING: tuple[Role, ...] = ("co-lead", "lead")


def is_role(text: str) -> TypeGuard[Role]:
    """Whether `text` is a role."""
    return text in ROLES


def may(role: str, least: str) -> bool:
    """Whether a person of `role` may do what needs at least the role `least`. A role that is unknown may do nothing."""
    return is_role(role) and is_role(least) and ROLES.index(role) >= ROLES.index(least)
