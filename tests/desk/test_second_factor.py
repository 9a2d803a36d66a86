"""The second factor: each code is good once, a lost phone has a way out, guessing has none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import httpx
import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import passwords, second_factor
from desk.errors import NotSignedIn, TooManyTries
from desk.second_factor import STEP_SECONDS, matching_step
from desk.signing_in import sign_in
from desk.storage.database import Database
from desk.storage.staff_tables import NurseRow
from tests.desk.cast import Hired, hire
from tests.desk.running import Clock, RunningDesk

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 24, 12, 0, 10, tzinfo=timezone.utc)


def post(desk: RunningDesk, who: Hired, code: str, *, password: str = "") -> httpx.Response:
    body = {"email": who.email, "password": password or who.password, "code": code}
    return desk.http.post("/api/nurse/session", json=body)


@pytest.fixture
def lea(desk: RunningDesk) -> Hired:
    return hire(desk.database, "Lea", role="lead", clock=desk.clock)


@given(st.integers(-10, 10), st.integers(-3, 3))
def test_a_code_is_good_in_its_half_minute_and_the_ones_beside_it(shift: int, used: int) -> None:
    step = int(NOW.timestamp()) // STEP_SECONDS
    code = pyotp.TOTP(SECRET).generate_otp(step + shift)
    found = matching_step(SECRET, code, after=step + used, now=NOW)
    assert found == (step + shift if abs(shift) <= 1 and shift > used else None)


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "abcdef", "１２３４５６", "0"])
def test_what_is_no_code_opens_nothing(code: str) -> None:
    assert matching_step(SECRET, code, after=None, now=NOW) is None


def test_a_code_may_be_written_with_a_space() -> None:
    code = pyotp.TOTP(SECRET).at(NOW)
    assert matching_step(SECRET, f"{code[:3]} {code[3:]} ", after=None, now=NOW)


def test_a_right_code_opens_and_the_same_one_never_again(desk: RunningDesk, lea: Hired) -> None:
    code = lea.code()
    assert post(desk, lea, code).status_code == 200
    assert post(desk, lea, code).status_code == 401
    assert post(desk, lea, lea.code()).status_code == 200


def test_the_code_that_set_it_up_does_not_sign_in(database: Database, clock: Clock) -> None:
    lea = hire(database, "Lea", role="lead", clock=clock)
    with database.read() as session:
        step = session.get_one(NurseRow, lea.id).totp_step
    assert lea.secret
    assert step is not None
    code = pyotp.TOTP(lea.secret).generate_otp(step)
    with pytest.raises(NotSignedIn):
        sign_in(database, email=lea.email, password=lea.password, code=code, peer="p", now=clock())


def test_one_code_sent_many_times_at_once_opens_one_session(
    database: Database, clock: Clock
) -> None:
    lea = hire(database, "Lea", role="lead", clock=clock)
    code, now = lea.code(), clock()

    def one(number: int) -> bool:
        try:
            sign_in(
                database,
                email=lea.email,
                password=lea.password,
                code=code,
                peer=f"p{number}",
                now=now,
            )
        except NotSignedIn:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 1


def test_what_was_wrong_is_not_told(desk: RunningDesk, lea: Hired) -> None:
    """Nor that the password was right and the code alone was missing."""
    answers = [
        post(desk, lea, "", password="wrong"),
        post(desk, lea, ""),
        post(desk, lea, "000000"),
        post(desk, lea, lea.code(), password="wrong"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


def test_a_recovery_code_opens_the_account_once(desk: RunningDesk, lea: Hired) -> None:
    with desk.database.write() as session:
        row = session.get_one(NurseRow, lea.id)
        codes = second_factor.new_recovery_codes(session, row, now=desk.clock())
    assert post(desk, lea, codes[0].lower().replace("-", " ")).status_code == 200
    assert post(desk, lea, codes[0]).status_code == 401
    assert post(desk, lea, codes[1]).status_code == 200
    with desk.database.write() as session:
        row = session.get_one(NurseRow, lea.id)
        second_factor.new_recovery_codes(session, row, now=desk.clock())
    assert post(desk, lea, codes[2]).status_code == 401


def test_a_recovery_code_is_one_persons_own(desk: RunningDesk, lea: Hired) -> None:
    amy = hire(desk.database, "Amy", role="admin", clock=desk.clock)
    with desk.database.write() as session:
        row = session.get_one(NurseRow, amy.id)
        (code, *_) = second_factor.new_recovery_codes(session, row, now=desk.clock())
    assert post(desk, lea, code).status_code == 401
    assert post(desk, amy, code).status_code == 200


def test_who_knows_the_password_cannot_guess_the_code_from_many_places(
    database: Database, clock: Clock
) -> None:
    """Each try from another address, a thousand in an hour: after a few none is even looked at."""
    lea = hire(database, "Lea", role="lead", clock=clock)
    tried = 0
    code_of = second_factor.matching_step

    def count(*arguments: object, **named: object) -> int | None:
        nonlocal tried
        tried += 1
        return code_of(*arguments, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(second_factor, "matching_step", count)
        patched.setattr(passwords, "verify", lambda *_: True)  # of Argon2 there is no doubt
        for number in range(1000):
            clock.ahead += timedelta(seconds=3.6)
            with pytest.raises((NotSignedIn, TooManyTries)):
                sign_in(
                    database,
                    email=lea.email,
                    password=lea.password,
                    code="000000",
                    peer=f"203.0.113.{number}",
                    now=clock(),
                )
    assert 5 <= tried <= 20


def test_a_nurse_may_do_without_and_a_lead_may_not(desk: RunningDesk, lea: Hired) -> None:
    ada = hire(desk.database, "Ada", clock=desk.clock)
    assert post(desk, ada, "").status_code == 200
    with desk.database.write() as session:
        second_factor.forget(session, session.get_one(NurseRow, lea.id))
    assert post(desk, lea, "").status_code == 401


def test_the_address_in_the_qr_code_is_what_apps_read() -> None:
    address = second_factor.address(SECRET, email="lea@clinic.example", clinic="Riverside Clinic")
    read = pyotp.parse_uri(address)
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.issuer, read.interval) == (SECRET, "Riverside Clinic", STEP_SECONDS)
    drawn = second_factor.qr_code(address)
    assert drawn.startswith("<svg")
    assert "style=" not in drawn
    assert "<script" not in drawn
