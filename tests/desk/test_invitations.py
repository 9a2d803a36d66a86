"""A one-time link opens an account once, for a while, with a password that nobody else knows."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pyotp
import pytest
from sqlalchemy import select, text

from desk import invitations, passwords, staff
from desk.accounts import Role
from desk.errors import Conflict, DeskError, NotFound, Unprocessable
from desk.invitations import Accepted
from desk.make_nurse import main
from desk.settings import Settings
from desk.storage.database import Database
from desk.storage.staff_tables import NurseRow
from desk.storage.tables import AuditRow
from tests.desk.cast import PASSWORD, Account, hire
from tests.desk.running import Clock, RunningDesk

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def invite(database: Database, clock: Clock, *, role: Role = "nurse", name: str = "Ida") -> str:
    with database.write() as session:
        email = f"{name.lower()}@clinic.example"
        made = staff.make_nurse(session, email=email, role=role, name=name, now=clock())
    return made.token


def accept(
    database: Database, clock: Clock, token: str, *, password: str = PASSWORD, code: str = ""
) -> Accepted:
    return invitations.accept(
        database,
        token,
        password=password,
        code=code,
        clinic="Riverside Clinic",
        peer="203.0.113.7",
        now=clock(),
    )


def code_for(database: Database, clock: Clock, token: str) -> str:
    with database.read() as session:
        secret = invitations.look(session, token, now=clock()).secret
    assert secret
    return pyotp.TOTP(secret).at(clock())


def sign_in(desk: RunningDesk, email: str, password: str, code: str = "") -> httpx.Response:
    body = {"email": email, "password": password, "code": code}
    return desk.http.post("/api/nurse/session", json=body)


def test_the_link_signs_in_and_sets_the_password(desk: RunningDesk, clock: Clock) -> None:
    accepted = accept(desk.database, clock, invite(desk.database, clock))
    assert accepted.signed_in
    headers = {"Authorization": f"Bearer {accepted.signed_in.token}"}
    assert desk.http.get("/api/nurse/handoffs", headers=headers).status_code == 200
    assert sign_in(desk, "ida@clinic.example", PASSWORD).status_code == 200


def test_before_the_link_is_used_nothing_opens_the_account(desk: RunningDesk, clock: Clock) -> None:
    token = invite(desk.database, clock)
    for password in ("", token, PASSWORD):
        assert sign_in(desk, "ida@clinic.example", password or " ").status_code == 401


def test_a_link_is_good_once_even_for_many_at_the_same_time(
    database: Database, clock: Clock
) -> None:
    token = invite(database, clock)

    def use(number: int) -> bool:
        try:
            accept(database, clock, token, password=f"{PASSWORD} {number}")
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(use, range(6))) == 1


@pytest.mark.parametrize(
    ("hours", "good"), [(71, True), (72, False)], ids=["in time", "after three days"]
)
def test_a_link_ends_after_three_days(
    database: Database, clock: Clock, hours: int, *, good: bool
) -> None:
    token = invite(database, clock)
    clock.ahead += timedelta(hours=hours, minutes=1)
    with database.read() as session:
        if good:
            assert invitations.look(session, token, now=clock()).name == "Ida"
            return
        with pytest.raises(NotFound, match="ask for a new one"):
            invitations.look(session, token, now=clock())
    with pytest.raises(NotFound):
        accept(database, clock, token)


def test_a_newer_link_ends_the_older_one_and_the_sessions(desk: RunningDesk, ada: Account) -> None:
    links = []
    for _ in range(2):
        with desk.database.write() as session:
            links.append(staff.new_link(session, ada.id, "password", now=desk.clock()).token)
    assert ada.http.get("/api/nurse/handoffs").status_code == 401
    assert sign_in(desk, ada.email, ada.password).status_code == 401
    with pytest.raises(NotFound):
        accept(desk.database, desk.clock, links[0])
    accept(desk.database, desk.clock, links[1], password="quite another one")
    assert sign_in(desk, ada.email, ada.password).status_code == 401
    assert sign_in(desk, ada.email, "quite another one").status_code == 200


def test_a_link_to_a_closed_account_opens_nothing(database: Database, clock: Clock) -> None:
    token = invite(database, clock)
    with database.write() as session:
        staff.set_active(session, 1, active=False, now=clock(), by="nurse:9")
    with pytest.raises(NotFound):
        accept(database, clock, token)
    with database.write() as session, pytest.raises(Conflict, match="closed"):
        staff.new_link(session, 1, "password", now=clock())


@pytest.mark.parametrize("role", ["lead", "admin"])
def test_leads_and_admins_need_a_second_factor_to_begin_with(
    database: Database, clock: Clock, role: Role
) -> None:
    token = invite(database, clock, role=role)
    for wrong in ("", "000000", "12345", "abcdef"):
        with pytest.raises(Unprocessable, match="code is not right"):
            accept(database, clock, token, code=wrong)
    accepted = accept(database, clock, token, code=code_for(database, clock, token))
    assert len(accepted.recovery_codes) == 8
    assert accepted.signed_in


def test_a_lost_phone_takes_a_new_password_and_a_new_factor(
    database: Database, clock: Clock
) -> None:
    lea = hire(database, "Lea", role="lead", clock=clock)
    with database.write() as session:
        token = staff.new_link(session, lea.id, "second_factor", now=clock()).token
    with database.read() as session:
        secret = invitations.look(session, token, now=clock()).secret
    assert secret not in {None, lea.secret}
    assert accept(database, clock, token, code=code_for(database, clock, token)).recovery_codes


def test_a_new_password_alone_leaves_the_second_factor(desk: RunningDesk, clock: Clock) -> None:
    lea = hire(desk.database, "Lea", role="lead", clock=clock)
    with desk.database.write() as session:
        token = staff.new_link(session, lea.id, "password", now=clock()).token
    accepted = accept(desk.database, clock, token, password="quite another one")
    assert accepted.signed_in is None, "the code is still due"
    assert sign_in(desk, lea.email, "quite another one").status_code == 401
    assert sign_in(desk, lea.email, "quite another one", lea.code()).status_code == 200


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "aaaaaaaaaaaaaaaa",
        "abcdefghijklmnop",
        "0987654321098",
        "qwertyuiopqwerty",
        "ida@clinic.example",
        "Riverside Clinic",
        "riversideclinic1",
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_and_the_link_stays(
    database: Database, clock: Clock, password: str
) -> None:
    token = invite(database, clock)
    with pytest.raises(Unprocessable, match="Please choose"):
        accept(database, clock, token, password=password)
    assert accept(database, clock, token)


@pytest.mark.parametrize(
    "password", ["correct horse battery", "x7!kQ92m#vLp", "ä" * 6 + "öüßéçñ", "a b c d e f g"]
)
def test_a_long_password_needs_no_sort_of_characters(password: str) -> None:
    passwords.check_new(password, about=("Ida", "ida@clinic.example", "Riverside Clinic"))


def test_a_very_long_password_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(Unprocessable, match="at most"):
        passwords.check_new("ab" * 5_000, about=())


def test_no_link_and_no_secret_is_stored_as_it_is_or_audited(
    database: Database, clock: Clock
) -> None:
    token = invite(database, clock, role="lead")
    code = code_for(database, clock, token)
    accepted = accept(database, clock, token, code=code)
    with database.read() as session:
        invited = session.execute(text("SELECT * FROM invitations")).all()
        codes = repr(session.execute(text("SELECT * FROM recovery_codes")).all())
        trail = repr(session.execute(text("SELECT * FROM audit")).all())
        secret = session.get_one(NurseRow, 1).totp_secret
    assert invited == []
    assert secret
    for kept in (*accepted.recovery_codes, token, PASSWORD, secret):
        assert kept not in codes + trail


def test_the_pages_behind_the_link_open_the_account(desk: RunningDesk, clock: Clock) -> None:
    token = invite(desk.database, clock)
    assert desk.http.get("/nurse/welcome").status_code == 200
    shown = desk.http.post("/nurse/welcome", data={"token": token}, headers=SAME_ORIGIN)
    assert "Welcome, Ida" in shown.text
    assert "<svg" in shown.text
    short = {"token": token, "password": "short"}
    told = desk.http.post("/nurse/welcome/done", data=short, headers=SAME_ORIGIN)
    assert told.status_code == 422
    assert "12 characters or more" in told.text
    done = desk.http.post(
        "/nurse/welcome/done", data={**short, "password": PASSWORD}, headers=SAME_ORIGIN
    )
    assert (done.status_code, done.headers["location"]) == (303, "/nurse")
    assert desk.http.get("/nurse").status_code == 200
    again = desk.http.post(
        "/nurse/welcome/done", data={**short, "password": PASSWORD}, headers=SAME_ORIGIN
    )
    assert again.status_code == 404


@pytest.mark.parametrize("path", ["/nurse/welcome", "/nurse/welcome/done"])
def test_another_site_cannot_use_a_link(desk: RunningDesk, clock: Clock, path: str) -> None:
    token = invite(desk.database, clock)
    told = desk.http.post(path, data={"token": token, "password": PASSWORD})
    assert told.status_code == 403
    assert accept(desk.database, clock, token)


def run(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
) -> tuple[int, str, str]:
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CLINIC_VAR", str(settings.var))
    capsys.readouterr()
    code = main(list(arguments))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_make_nurse_prints_a_link_that_opens_the_account(
    database: Database,
    settings: Settings,
    clock: Clock,
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ("--email", "new@clinic.example", "--role", "admin", "--url", "https://x.example/")
    code, out, err = run(settings, monkeypatch, capsys, *arguments)
    assert (code, err) == (0, "")
    found = re.search(r"^Link: +https://x\.example/nurse/welcome#(\S{43})$", out, re.MULTILINE)
    assert found, out
    accept(database, clock, found[1], code=code_for(database, clock, found[1]))
    code, out, err = run(settings, monkeypatch, capsys, *arguments)
    assert (code, out) == (2, "")
    assert "already an account with this e-mail address. Nothing was changed." in err
    assert "--reset-password" in err
    code, out, _ = run(
        settings, monkeypatch, capsys, "--email", " NEW@clinic.example", "--reset-second-factor"
    )
    assert code == 0
    assert "signed out everywhere" in out
    with database.read() as session:
        assert session.scalars(select(NurseRow)).one().totp_secret is None
        actions = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert actions[0] == "nurse.made"
    assert actions[-1] == "nurse.link_made"


def test_a_reset_of_nobody_changes_nothing_and_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = ("--email", "no@clinic.example", "--reset-password")
    code, out, err = run(settings, monkeypatch, capsys, *nobody)
    assert (code, out) == (2, "")
    assert err == "make_nurse: There is no account with this e-mail address.\n"
    with pytest.raises(SystemExit):
        main([*nobody, "--role", "lead"])


def test_an_account_needs_an_address_and_has_it_alone(database: Database, clock: Clock) -> None:
    first = invite(database, clock)
    assert len(first) == 43, "256 bits"
    with database.write() as session:
        with pytest.raises(Conflict):
            staff.make_nurse(session, email=" IDA@Clinic.example", role="nurse", now=clock())
        for wrong in ("", "a", "@b", "a@", "a b@c"):
            with pytest.raises(DeskError):
                staff.make_nurse(session, email=wrong, role="nurse", now=clock())
