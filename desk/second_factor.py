"""The second factor: six digits of an app (TOTP, RFC 6238), each good once, and recovery codes.

The shared secret stands in the account's row. A code is good in its own half minute and the ones
beside it, for phones whose clock is a little off, and never again once it was used.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from datetime import datetime
from hmac import compare_digest
from typing import Final

import pyotp
import segno
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from desk import audit
from desk.storage.staff_tables import NurseRow, RecoveryCodeRow

__all__ = [
    "CODES",
    "STEP_SECONDS",
    "address",
    "forget",
    "matching_step",
    "new_recovery_codes",
    "new_secret",
    "passes",
    "qr_code",
    "set_up",
]

STEP_SECONDS: Final = 30
_DRIFT: Final = (0, -1, 1)  # steps; RFC 6238, section 6
CODES: Final = 8  # recovery codes that are given at once
# Without what is mistaken for one another on paper; 12 characters are 57 bits.
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ3456789"
_GROUPS, _GROUP = 3, 4


def new_secret() -> str:
    """A secret of 160 bits in base 32, as apps take it."""
    return pyotp.random_base32()


def address(secret: str, *, email: str, clinic: str) -> str:
    """The `otpauth:` address that an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=clinic)


def qr_code(text: str) -> str:
    """The text as a QR code, an `svg` element without style or script, dark on white."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(
        drawn,
        kind="svg",
        omitsize=True,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=False,
        svgclass=None,
        lineclass=None,
        nl=False,
    )
    return drawn.getvalue().decode("utf-8")


def matching_step(secret: str, code: str, *, after: int | None, now: datetime) -> int | None:
    """The half minute (since 1970) that the code belongs to, if it is near and later than `after`.

    None for a wrong code and for one that was used already.
    """
    digits = "".join(code.split())
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    found = None
    for offset in _DRIFT:
        step = present + offset
        if compare_digest(totp.generate_otp(step).encode(), digits.encode()) and (
            after is None or step > after
        ):
            found = step
    return found


def passes(session: Session, row: NurseRow, code: str, *, now: datetime) -> bool:
    """Whether the code opens the account, which has a second factor; uses the code up."""
    if row.totp_secret is None:
        return False
    step = matching_step(row.totp_secret, code, after=row.totp_step, now=now)
    if step is not None:
        # A condition, for the same code may come twice at the same time.
        won = session.scalar(
            update(NurseRow)
            .where(
                NurseRow.id == row.id,
                NurseRow.totp_step.is_(None) | (NurseRow.totp_step < step),
            )
            .values(totp_step=step)
            .returning(NurseRow.id)
        )
        return won is not None
    used = session.scalar(
        delete(RecoveryCodeRow)
        .where(RecoveryCodeRow.nurse_id == row.id, RecoveryCodeRow.code_hash == _hash(row.id, code))
        .returning(RecoveryCodeRow.nurse_id)
    )
    if used is None:
        return False
    audit.record_account(session, row.id, "nurse.recovery_code_used", now=now)
    return True


def set_up(
    session: Session, row: NurseRow, *, secret: str, step: int, now: datetime
) -> tuple[str, ...]:
    """Have the account need codes of this secret from now on; the new recovery codes.

    `step` is that of the code by which she showed that her app has the secret.
    """
    row.totp_secret, row.totp_step, row.totp_pending = secret, step, None
    audit.record_account(session, row.id, "nurse.second_factor_set", now=now)
    return new_recovery_codes(session, row, now=now)


def new_recovery_codes(session: Session, row: NurseRow, *, now: datetime) -> tuple[str, ...]:
    """Codes for the day when the phone is lost, each good once; earlier ones are good no more."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.nurse_id == row.id))
    codes = tuple(_new_code() for _ in range(CODES))
    session.add_all(
        RecoveryCodeRow(nurse_id=row.id, code_hash=_hash(row.id, code)) for code in codes
    )
    audit.record_account(session, row.id, "nurse.recovery_codes_made", now=now)
    return codes


def forget(session: Session, row: NurseRow) -> None:
    """Take the second factor and the recovery codes off the account."""
    row.totp_secret = row.totp_step = row.totp_pending = None
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.nurse_id == row.id))


def _new_code() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def _hash(nurse_id: int, code: str) -> str:
    plain = "".join(char for char in code.upper() if char.isalnum())
    return hashlib.sha256(f"{nurse_id}\0{plain}".encode()).hexdigest()
