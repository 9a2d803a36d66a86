"""Who may do what in the console: the one table of roles, and what each role must have."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, get_args

__all__ = ["ROLES", "Permission", "Role", "may", "needs_second_factor", "role_of"]

Role = Literal["nurse", "lead", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)


class Permission(Enum):
    """What a role may do; everything not named here every nurse may do with her own work."""

    WORK = "read the queue and its conversations, claim, write, close what is one's own"
    ACT_FOR_OTHERS = "give back or close what another nurse has"
    EDIT_SHARED_REPLIES = "write, change and take away the canned replies of everybody"
    READ_FIGURES = "the figures and what the handout did not answer: see, export, decide"
    READ_NOTICES = "see what was told to whom when nobody looked, and send it again"
    MANAGE_ACCOUNTS = "invite people, change their role, close accounts, give new links"
    READ_AUDIT = "read and export the audit trail"


_MAY: Final[dict[Role, frozenset[Permission]]] = {
    "nurse": frozenset({Permission.WORK}),
    "lead": frozenset(
        {
            Permission.WORK,
            Permission.ACT_FOR_OTHERS,
            Permission.EDIT_SHARED_REPLIES,
            Permission.READ_FIGURES,
            Permission.READ_NOTICES,
        }
    ),
    "admin": frozenset(Permission),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether somebody of that role may do it."""
    return permission in _MAY[role]


def needs_second_factor(role: Role) -> bool:
    """Whether a password alone never opens an account of that role."""
    return role != "nurse"


def role_of(stored: str) -> Role:
    """The role of that name. Raises `ValueError` for one that this version does not know."""
    for role in ROLES:
        if role == stored:
            return role
    raise ValueError("the database holds a role that this version does not know")
