"""The figures as leads and admins read them: a page with charts and tables, and the same as CSV."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from clinic.figures import Period, PeriodError
from clinic.roles import Permission
from desk import figures, sheets, spreadsheet
from desk.accounts import Nurse
from desk.charts import chart_of
from desk.errors import Unprocessable
from desk.web.access import CurrentDesk, requires
from desk.web.rendering import render

__all__ = ["router"]

router = APIRouter(prefix="/nurse", include_in_schema=False)
Reader = Annotated[Nurse, Depends(requires(Permission.READ_FIGURES))]
PERIODS: Final = (7, 30, 90)  # days up to today
_USUAL: Final = 30
_Text = Annotated[str, Query(max_length=10)]


class Choice:
    """The fields of the form: so many days up to today, or from a day to a day.

    `error` says what is wrong with them; the usual period stands then.
    """

    def __init__(
        self,
        desk: CurrentDesk,
        *,
        days: _Text = "",
        since: Annotated[_Text, Query(alias="from")] = "",
        until: Annotated[_Text, Query(alias="to")] = "",
    ) -> None:
        today = desk.clock().astimezone(desk.clinic.time_zone).date()
        self.days: int | None = None
        self.error = ""
        try:
            if since or until:
                self.period = _between(since, until)
            else:
                self.days = _one_of(days)
                self.period = Period.of_last_days(self.days, today=today)
        except PeriodError as error:
            self.error = str(error)
            self.days = _USUAL
            self.period = Period.of_last_days(_USUAL, today=today)
        self.since, self.until = since, until

    @property
    def export(self) -> str:
        """Where the same period is had as CSV: by its days, so that it stays what was shown."""
        days = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        return f"/nurse/figures.csv?{urlencode(days)}"


Chosen = Annotated[Choice, Depends(Choice)]


@router.get("/figures")
def read_figures(
    request: Request, desk: CurrentDesk, reader: Reader, chosen: Chosen
) -> HTMLResponse:
    """The charts, each with its table."""
    found = figures.read(desk.database, desk.clinic, chosen.period, nurse=reader, now=desk.clock())
    return render(
        request,
        "nurse/figures.html",
        status=422 if chosen.error else 200,
        nurse=reader,
        found=found,
        drawn=[(sheet, chart_of(sheet)) for sheet in sheets.sheets_of(found)],
        shares=sheets.shares_of(found),
        times=sheets.times_of(found),
        chosen=chosen,
        periods=PERIODS,
    )


@router.get("/figures.csv")
def export_figures(desk: CurrentDesk, reader: Reader, chosen: Chosen) -> Response:
    """Every number of the period, for a spreadsheet."""
    if chosen.error:
        raise Unprocessable(chosen.error)
    found = figures.read(
        desk.database, desk.clinic, chosen.period, nurse=reader, way="exported", now=desk.clock()
    )
    period = f"{chosen.period.first.isoformat()}-to-{chosen.period.last.isoformat()}"
    return StreamingResponse(
        spreadsheet.as_csv(sheets.COLUMNS, sheets.cells(found)),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="figures-{period}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _one_of(days: str) -> int:
    if not days:
        return _USUAL
    for offered in PERIODS:
        if days == str(offered):
            return offered
    raise PeriodError("Choose 7, 30 or 90 days, or a first and a last day.")


def _between(since: str, until: str) -> Period:
    try:
        return Period(date.fromisoformat(since), date.fromisoformat(until))
    except PeriodError:
        raise
    except ValueError as error:
        raise PeriodError("Choose a first and a last day.") from error
