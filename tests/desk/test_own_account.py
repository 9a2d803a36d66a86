"""Settings: each grave change asks for the password, and ends the sign-ins it should."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pyotp
import pytest

from desk.throttle import FREE_TRIES
from tests.desk.cast import PASSWORD, Account, signed_in
from tests.desk.running import Clock, RunningDesk

NEW = "another long password"


def post(desk: RunningDesk, who: Account, path: str, **data: str) -> httpx.Response:
    return desk.http.post(f"/nurse/settings{path}", data=data, headers=who.page)


def get(desk: RunningDesk, who: Account, path: str = "") -> httpx.Response:
    return desk.http.get(f"/nurse/settings{path}", headers=who.page)


@pytest.fixture
def elsewhere(desk: RunningDesk, ada: Account) -> Iterator[Account]:
    """Ada at another machine."""
    with signed_in(desk, ada.hired) as other:
        yield other


def works(who: Account) -> bool:
    return who.http.get("/api/nurse/handoffs").status_code == 200


def test_a_new_password_ends_every_other_sign_in(
    desk: RunningDesk, ada: Account, elsewhere: Account
) -> None:
    told = post(desk, ada, "/password", current=PASSWORD, new=NEW)
    assert (told.status_code, told.headers["location"]) == (303, "/nurse/settings?done=password")
    assert "signed out everywhere else" in get(desk, ada, "?done=password").text
    assert works(ada)
    assert not works(elsewhere)
    for password, status in ((PASSWORD, 401), (NEW, 200)):
        body = {"email": ada.email, "password": password}
        assert desk.http.post("/api/nurse/session", json=body).status_code == status


@pytest.mark.parametrize(
    ("current", "new", "why"),
    [
        ("wrong", NEW, "The password is not right"),
        (PASSWORD, "short", "12 characters or more"),
        (PASSWORD, "ada@clinic.example", "made of your name"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(
    desk: RunningDesk, ada: Account, current: str, new: str, why: str
) -> None:
    told = post(desk, ada, "/password", current=current, new=new)
    assert told.status_code == 422
    assert why in told.text
    assert "<title>Error: " in told.text
    assert works(ada)


def test_an_open_screen_is_no_place_to_guess_the_password(desk: RunningDesk, ada: Account) -> None:
    statuses = [
        post(desk, ada, "/password", current=f"guess {number}", new=NEW).status_code
        for number in range(FREE_TRIES + 2)
    ]
    assert statuses == [422] * FREE_TRIES + [429] * 2


def test_a_nurse_sets_up_a_second_factor_and_takes_it_off(
    desk: RunningDesk, ada: Account, elsewhere: Account, clock: Clock
) -> None:
    assert get(desk, ada, "/second-factor").headers["location"] == "/nurse/settings"
    assert post(desk, ada, "/second-factor/begin", password="wrong").status_code == 422
    begun = post(desk, ada, "/second-factor/begin", password=PASSWORD)
    assert begun.headers["location"] == "/nurse/settings/second-factor"
    page = get(desk, ada, "/second-factor").text
    secret = re.search(r'class="secret">(\w+)<', page)
    assert secret
    assert post(desk, ada, "/second-factor", code="000000").status_code == 422
    assert works(elsewhere), "nothing has changed yet"
    done = post(desk, ada, "/second-factor", code=pyotp.TOTP(secret[1]).at(clock()))
    assert done.text.count("<code>") == 8
    assert not works(elsewhere)
    body = {"email": ada.email, "password": PASSWORD}
    assert desk.http.post("/api/nurse/session", json=body).status_code == 401
    assert post(desk, ada, "/second-factor", code="000000").status_code == 409
    fresh = post(desk, ada, "/recovery-codes", password=PASSWORD).text
    code = re.search(r"<code>([\w-]{14})</code>", fresh)
    assert code
    answer = desk.http.post("/api/nurse/session", json={**body, "code": code[1]})
    assert answer.status_code == 200
    assert post(desk, ada, "/second-factor/remove", password=PASSWORD).status_code == 303
    assert desk.http.post("/api/nurse/session", json=body).status_code == 200


def test_a_lead_cannot_take_hers_off(desk: RunningDesk, lea: Account) -> None:
    assert "Do without" not in get(desk, lea).text
    told = post(desk, lea, "/second-factor/remove", password=PASSWORD)
    assert told.status_code == 409
    assert works(lea)


def test_recovery_codes_belong_to_a_second_factor(desk: RunningDesk, ada: Account) -> None:
    assert post(desk, ada, "/recovery-codes", password=PASSWORD).status_code == 409


def test_signing_out_there_and_everywhere(
    desk: RunningDesk, ada: Account, elsewhere: Account, bea: Account
) -> None:
    page = get(desk, ada).text
    handles = re.findall(r"/nurse/settings/sessions/(\w+)/end", page)
    assert len(handles) == 1
    assert post(desk, bea, f"/sessions/{handles[0]}/end").status_code == 303
    assert works(elsewhere), "another person's sign-in is none of hers"
    post(desk, ada, f"/sessions/{handles[0]}/end")
    assert not works(elsewhere)
    out = post(desk, ada, "/sign-out-everywhere")
    assert out.headers["location"] == "/nurse/sign-in"
    assert not works(ada)
    assert works(bea)
