"""People with accounts, made as a clinic makes them: by a one-time link that each one uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pyotp

from desk import sessions
from desk.accounts import Role
from desk.invitations import accept
from desk.second_factor import STEP_SECONDS
from desk.staff import make_nurse
from desk.storage.database import Database
from desk.storage.staff_tables import NurseRow
from tests.desk.running import Clock, RunningDesk

PASSWORD = "a long shift at night"


@dataclass
class Hired:
    """What somebody knows of her own account; `secret` is that of her second factor."""

    id: int
    email: str
    name: str
    password: str
    secret: str | None
    clock: Clock

    def code(self) -> str:
        """The code that her app shows now; the clock goes on first, for each is good once."""
        if self.secret is None:
            return ""
        self.clock.ahead += timedelta(seconds=STEP_SECONDS)
        return pyotp.TOTP(self.secret).at(self.clock())


def hire(
    database: Database, name: str, *, role: Role = "nurse", clock: Clock, factor: bool | None = None
) -> Hired:
    """An account that is open; with a second factor where its role needs one, or if `factor`."""
    email = f"{name.lower()}@clinic.example"
    with database.write() as session:
        made = make_nurse(session, email=email, role=role, name=name, now=clock())
    with database.read() as session:
        secret = session.get_one(NurseRow, made.nurse.id).totp_pending
    if not (role != "nurse" if factor is None else factor):
        secret = None
    accepted = accept(
        database,
        made.token,
        password=PASSWORD,
        code=pyotp.TOTP(secret).at(clock()) if secret else "",
        clinic="Riverside",
        peer="127.0.0.1",
        now=clock(),
    )
    with database.write() as session:  # she goes home, and comes back for her shift
        sessions.sign_out(session, accepted.signed_in.token, now=clock())
    return Hired(made.nurse.id, email, name, PASSWORD, secret, clock)


@dataclass(frozen=True)
class Account:
    """Somebody's account and a client that is signed in with it."""

    id: int
    email: str
    password: str
    name: str
    http: httpx.Client
    hired: Hired

    @property
    def token(self) -> str:
        return self.http.headers["Authorization"].removeprefix("Bearer ")

    @property
    def page(self) -> dict[str, str]:
        """The headers of her browser on the console."""
        return {"Cookie": f"clinic_nurse={self.token}", "Sec-Fetch-Site": "same-origin"}


@contextmanager
def signed_in(desk: RunningDesk, hired: Hired) -> Iterator[Account]:
    """The person at the nurse's API."""
    with httpx.Client(base_url=desk.url, trust_env=False, timeout=15, verify=False) as http:
        body = {"email": hired.email, "password": hired.password, "code": hired.code()}
        answer = http.post("/api/nurse/session", json=body)
        assert answer.status_code == 200, answer.text
        http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        http.cookies.clear()
        yield Account(hired.id, hired.email, hired.password, hired.name, http, hired)
