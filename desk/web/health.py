"""Whether the desk is alive, whether it can serve, and what it counts."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from desk import nurse_work, outbox
from desk.web.access import CurrentDesk, Desk

__all__ = ["router"]

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(desk: CurrentDesk) -> JSONResponse:
    """200 when the assistant's model is loaded and the stores answer, else 503 with what fails."""
    database, assistant = await asyncio.gather(
        asyncio.to_thread(_database_answers, desk), desk.assistant.ready()
    )
    whole = database and assistant
    return JSONResponse(
        {
            "status": "ready" if whole else "not ready",
            "database": database,
            "assistant": assistant,
        },
        status_code=200 if whole else 503,
        headers={"Cache-Control": "no-store"},
    )


@router.get("/metrics", include_in_schema=False)
def metrics(desk: CurrentDesk) -> Response:
    """Prometheus text."""
    with desk.database.read() as session:
        counted, notices = nurse_work.count_open(session), outbox.count(session)
    return Response(
        desk.metrics.render(open_handoffs=counted, notices=notices),
        headers={"Content-Type": CONTENT_TYPE_LATEST},
    )


def _database_answers(desk: Desk) -> bool:
    try:
        desk.database.ping()
    except Exception:  # noqa: BLE001 (whatever it is, the database does not answer)
        return False
    return True
