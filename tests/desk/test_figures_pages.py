"""The figures page over HTTP: for leads and admins, audited, with no patient's word in it."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import httpx
import pytest
from sqlalchemy import select

from desk.sheets import duration
from desk.storage.tables import AuditRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import RunningDesk

CANARY = "zebra-canary-7391"


@pytest.fixture
def busy(desk: RunningDesk, internal: dict[str, str]) -> RunningDesk:
    """A desk at which something was asked, judged and handed over."""
    chat = desk.chat()
    for number, text in enumerate([CANARY, f"decline: {CANARY}"], 1):
        chat.send(text)
        chat.wait_for(number, author="assistant")
    body = {"seq": 2, "helpful": True, "comment": CANARY}
    desk.http.post(f"{chat.path}/feedback", json=body, headers=chat.headers)
    callback(desk, internal, chat.id, name=CANARY, reason=CANARY)
    return desk


def page(desk: RunningDesk, account: Account, query: str = "") -> httpx.Response:
    return desk.http.get(f"/nurse/figures{query}", headers=account.page)


def export(desk: RunningDesk, account: Account, query: str = "") -> list[dict[str, str]]:
    answer = desk.http.get(f"/nurse/figures.csv{query}", headers=account.page)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.search(r'filename="figures-[0-9-]+-to-[0-9-]+\.csv"', str(answer.headers))
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_page_draws_each_chart_and_says_it_in_a_table(busy: RunningDesk, lea: Account) -> None:
    answer = page(busy, lea)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    shown = answer.text
    assert CANARY not in shown
    charts = re.findall(r'<svg class="chart" .*?</svg>', shown, re.DOTALL)
    assert len(charts) == 4, "no nurse has come yet"
    for chart in charts:
        drawn = ET.fromstring(chart)
        named = drawn.attrib["aria-labelledby"].split()
        ids = {one.attrib["id"]: one.text for one in drawn.iter() if "id" in one.attrib}
        assert all(ids[name] for name in named)
    assert shown.count('aria-label="Chats by day, table"') == 1
    assert "<dd><strong>1</strong> of 2 (50 %)</dd>" in shown
    assert '<th scope="row">Answered from the handout</th><td>1</td>' in shown
    assert '<th scope="row">Not in the handout</th><td>1</td>' in shown


def test_a_quiet_clinic_has_no_empty_charts(desk: RunningDesk, lea: Account) -> None:
    shown = page(desk, lea).text
    assert '<svg class="chart"' not in shown
    assert shown.count("Nothing in this period.") == 6


@pytest.mark.parametrize("who", ["lea", "amy"])
def test_the_export_has_every_number_and_no_word(
    busy: RunningDesk, who: str, request: pytest.FixtureRequest
) -> None:
    lines = export(busy, request.getfixturevalue(who))
    values = {(one["figure"], one["row"], one["column"]): one["value"] for one in lines}
    assert values["What the assistant replied", "Not in the handout", "Replies"] == "1"
    assert values["Helpful or not", "Answers from the handout", "Helped"] == "1"
    assert values["Times", "Call-back", "Asked"] == "1"
    assert float(values["Times", "Assistant", "First reply: half within (seconds)"]) >= 0
    assert CANARY not in str(lines)
    assert not any(cell.startswith(("=", "+", "-", "@")) for one in lines for cell in one.values())


def test_reading_and_saving_are_audited_apart(busy: RunningDesk, lea: Account) -> None:
    page(busy, lea, "?from=2026-11-01&to=2026-11-02")
    export(busy, lea, "?from=2026-11-01&to=2026-11-02")
    with busy.database.read() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.object_kind == "figures").order_by(AuditRow.id)
        ).all()
    assert [(row.actor, row.action, row.object_id) for row in rows] == [
        (f"nurse:{lea.id}", "figures.read", "2026-11-01..2026-11-02"),
        (f"nurse:{lea.id}", "figures.exported", "2026-11-01..2026-11-02"),
    ]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?days=31", "7, 30 or 90"),
        ("?days=x", "7, 30 or 90"),
        ("?from=2026-11-02&to=2026-11-01", "Swap them"),
        ("?from=2026-11-02", "a first and a last day"),
        ("?from=yesterday&to=2026-11-02", "a first and a last day"),
        ("?from=2020-01-01&to=2026-01-01", "two years"),
        ("?from=0001-01-01&to=9999-12-31", "this century"),
    ],
)
def test_what_is_no_period_is_told_and_not_counted(
    desk: RunningDesk, lea: Account, query: str, says: str
) -> None:
    answer = page(desk, lea, query)
    assert answer.status_code == 422
    assert says in answer.text
    assert "<title>Error: " in answer.text
    assert desk.http.get(f"/nurse/figures.csv{query}", headers=lea.page).status_code == 422


@pytest.mark.parametrize("days", [7, 30, 90])
def test_the_offered_periods_end_today(desk: RunningDesk, lea: Account, days: int) -> None:
    shown = page(desk, lea, f"?days={days}").text
    found = re.search(r"([\d-]{10}) to ([\d-]{10}), days at the clinic", shown)
    assert found
    assert f'href="/nurse/figures?days={days}" aria-current="page"' in shown
    lines = export(desk, lea, f"?days={days}")
    assert (lines[0]["from"], lines[0]["to"]) == found.groups()
    assert len([one for one in lines if one["figure"] == "Chats by day"]) == days * 3


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (None, "–"),
        (timedelta(seconds=0.31), "0.3 s"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(seconds=200), "3 min 20 s"),
        (timedelta(hours=4), "4 h"),
        (timedelta(hours=28, minutes=59), "1 d 4 h"),
    ],
)
def test_times_are_said_in_two_units(length: timedelta | None, said: str) -> None:
    assert duration(length) == said
