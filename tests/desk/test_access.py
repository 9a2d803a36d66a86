"""Who may reach which address, generated from the routes: a new one without a rule fails here."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi.routing import APIRoute

from clinic.roles import Permission, Role, may
from tests.desk.cast import Account
from tests.desk.running import RunningDesk

# What anybody may open: patients' pages and API (which ask for the chat's own token), and the pages
# by which somebody signs in.
ANYBODY = {
    "/",
    "/callback",
    "/handouts/{document}",
    "/healthz",
    "/readyz",
    "/metrics",
    "/nurse/sign-in",
    "/nurse/welcome",
    "/nurse/welcome/done",
    "/api/availability",
    "/api/clinic",
    "/api/documents/{document}",
    "/api/conversations",
}
OF_ONE_CHAT = "/api/conversations/{conversation_id}"
# Signing in cannot ask who it is; signing out is content with nobody.
SIGNING = {
    ("POST", "/api/nurse/session"),
    ("DELETE", "/api/nurse/session"),
    ("POST", "/nurse/sign-out"),
}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def all_routes(desk: RunningDesk) -> list[tuple[str, str]]:
    """Method and path of each, those that the schema leaves out too."""
    routers = [getattr(route, "original_router", None) for route in desk.app.routes]
    found = [
        (method, route.path)
        for router in routers
        if router is not None
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods - {"HEAD"})
    ]
    assert len(found) >= 60
    return found


def ask(
    http: httpx.Client, method: str, path: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    """The address with something in place of its names."""
    filled = re.sub(r"\{\w+_id\}|\{handle\}", "1", path)
    return http.request(method, re.sub(r"\{\w+\}", "x", filled), headers=headers)


def test_without_a_sign_in_no_address_of_nurses_or_of_the_inside_answers(
    desk: RunningDesk, internal: dict[str, str]
) -> None:
    asked = 0
    foreign: list[dict[str, str]] = [
        SAME_ORIGIN,
        {**SAME_ORIGIN, "Authorization": "Bearer wrong"},
        {**SAME_ORIGIN, "Cookie": "clinic_nurse=wrong; __Host-clinic_nurse=wrong"},
        {**SAME_ORIGIN, "Authorization": f"Bearer {desk.chat().token}"},
    ]
    for method, path in all_routes(desk):
        if path in ANYBODY or path.startswith(OF_ONE_CHAT) or (method, path) in SIGNING:
            continue
        assert path.startswith(("/nurse", "/api/nurse", "/internal")), f"{path} has no rule"
        also = [internal] if not path.startswith("/internal") else []
        for headers in foreign + also:
            answer = ask(desk.http, method, path, {**SAME_ORIGIN, **headers})
            assert answer.status_code in {401, 404}, (method, path, answer.status_code)
            assert "set-cookie" not in answer.headers
            asked += 1
    assert asked >= 100


def test_a_chat_opens_with_its_own_token_alone(desk: RunningDesk, ada: Account) -> None:
    mine, other = desk.chat(), desk.chat()
    tokens = {
        "none": {},
        "another chat's": other.headers,
        "a nurse's": {"Authorization": f"Bearer {ada.token}"},
        "cut short": {"Authorization": f"Bearer {mine.token[:-1]}"},
        "in the address": {},
    }
    body = {"client_message_id": "8e8f7a3c-40a4-4ac9-9a2f-07e3e46a9d1e", "text": "x"}
    bodies = {"messages": body, "feedback": {"seq": 1, "helpful": True}}
    paths = {path for _, path in all_routes(desk) if path.startswith(OF_ONE_CHAT)}
    assert len(paths) >= 4
    for method, path in all_routes(desk):
        if path not in paths:
            continue
        for name, headers in tokens.items():
            answer = desk.http.request(
                method,
                path.replace("{conversation_id}", mine.id),
                params={"token": mine.token} if name == "in the address" else None,
                json=bodies.get(path.rsplit("/", 1)[1]) if method == "POST" else None,
                headers=headers,
            )
            assert answer.status_code in {401, 422}, (method, path, name, answer.status_code)
            assert answer.status_code == 401 or method in {"POST", "PUT"}, (method, path)


RESERVED = {
    "/nurse/figures": Permission.READ_FIGURES,
    "/nurse/unanswered": Permission.READ_FIGURES,
    "/nurse/notices": Permission.READ_NOTICES,
    "/nurse/accounts": Permission.MANAGE_ACCOUNTS,
    "/nurse/audit": Permission.READ_AUDIT,
}


def test_only_their_roles_reach_what_is_reserved(
    desk: RunningDesk, ada: Account, lea: Account, amy: Account
) -> None:
    roles: dict[Role, Account] = {"nurse": ada, "lead": lea, "admin": amy}
    routes = all_routes(desk)
    for prefix, permission in RESERVED.items():
        found = [(method, path) for method, path in routes if path.startswith(prefix)]
        assert found
        for method, path in found:
            for role, account in roles.items():
                answer = ask(desk.http, method, path, account.page)
                # Account 1 is not the admin's own, which she may not change herself.
                refused = answer.status_code == 403
                assert refused is not may(role, permission), (method, path, role)
                assert answer.status_code < 500


@pytest.mark.parametrize(("who", "role"), [("ada", "nurse"), ("lea", "lead"), ("amy", "admin")])
def test_the_console_shows_only_what_a_person_may_open(
    desk: RunningDesk, who: str, role: Role, request: pytest.FixtureRequest
) -> None:
    account: Account = request.getfixturevalue(who)
    shown = desk.http.get("/nurse", headers=account.page).text
    assert "/nurse/settings" in shown
    for prefix, permission in RESERVED.items():
        assert (prefix in shown) is may(role, permission), prefix


def test_every_change_on_the_console_refuses_another_site(
    desk: RunningDesk, amy: Account, ada: Account
) -> None:
    """With an admin's cookie, from a page elsewhere: not one POST of the console does anything."""
    cookie = {"Cookie": f"clinic_nurse={amy.token}"}
    changes = [
        (method, path)
        for method, path in all_routes(desk)
        if method not in {"GET", "HEAD", "OPTIONS"}
        and path.startswith(("/nurse", "/api/nurse"))
        and (method, path) != ("POST", "/api/nurse/session")
    ]
    assert len(changes) >= 20
    elsewhere: tuple[dict[str, str], ...] = (
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://www.clinic.example"},
    )
    for method, path in changes:
        for headers in elsewhere:
            answer = ask(desk.http, method, path, {**cookie, **headers})
            assert answer.status_code == 403, (method, path, headers, answer.status_code)
    assert desk.http.get("/nurse", headers=amy.page).status_code == 200
