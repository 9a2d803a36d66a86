"""The one place that wires the desk: settings in, a FastAPI app out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timezone

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from clinic.handout import load_handouts
from clinic.settings import load_clinic
from desk import attendance, escalation, promise_watch
from desk.alarm import load_alarm
from desk.housekeeping import Housekeeper
from desk.metrics import Metrics
from desk.notice_channels import open_channels
from desk.notice_sender import NoticeSender
from desk.outages import Outages
from desk.public_holidays import public_holidays
from desk.queue_views import QueueViews
from desk.rasa_client import RasaClient
from desk.rate_limits import RateLimits
from desk.settings import CHECKOUT, Settings
from desk.signals import Signals
from desk.storage.database import Database
from desk.web import (
    audit_pages,
    canned_pages,
    console,
    console_callbacks,
    console_handoff,
    console_search,
    figures_pages,
    health,
    internal,
    notice_pages,
    nurse,
    nurse_callbacks,
    nurse_chat,
    own_settings,
    pages,
    patient,
    patient_chat,
    patient_transcript,
    problems,
    question_pages,
    staff_pages,
    welcome,
)
from desk.web.access import Desk
from desk.web.events import Hub
from desk.web.middleware import (
    BodyLimit,
    CrossOrigin,
    LastResort,
    PlainAddress,
    SecurityHeaders,
)
from desk.worker import Worker

__all__ = ["create_app", "utc_now"]

# For short database work of streams and of the worker; routes have Starlette's own pool.
_THREADS = 16


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(timezone.utc)


def create_app(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> FastAPI:
    """The app, on a database that is already migrated (`desk.storage.migrate.upgrade`).

    Raises `ClinicError` or `HandoutError` for a wrong `clinic.yml`, red-flag catalogue,
    `domain.yml` or document, `SettingsError` for an address of its notices that is not set, and
    `DatabaseError` once it starts. The turn worker runs as long as the app's lifespan.
    """
    clinic = load_clinic(settings.clinic_config, public_holidays)
    handouts = {handout.id: handout for handout in load_handouts(settings.documents)}
    alarm = load_alarm(clinic, catalogue=settings.red_flags, domain=settings.domain)
    outages = Outages(clinic, alarm)
    database = Database(settings.database_url)
    hub, metrics = Hub(), Metrics()
    assistant = RasaClient(
        settings.rasa_url,
        secret=settings.internal_secret,
        timeout=settings.timing.rasa_timeout,
    )
    worker = Worker(
        database=database,
        assistant=assistant,
        clinic=clinic,
        outages=outages,
        metrics=metrics,
        timing=settings.timing,
        clock=clock,
    )
    sender = NoticeSender(
        database=database,
        clinic=clinic,
        channels=open_channels(clinic.notifications, settings.secrets),
        timing=settings.timing,
        clock=clock,
    )
    housekeeper = Housekeeper(database=database, clinic=clinic, timing=settings.timing, clock=clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="desk")
        asyncio.get_running_loop().set_default_executor(executor)
        await asyncio.to_thread(database.ping)
        hub.open()
        async with assistant:
            working = asyncio.gather(
                worker.run(),
                housekeeper.run(),
                attendance.run(database, clinic, every=settings.timing.poll, clock=clock),
                promise_watch.run(
                    database,
                    clinic,
                    every=settings.timing.poll,
                    clock=clock,
                    on_passed=[escalation.note_promises(clinic, clock)],
                ),
                escalation.run(database, clinic, every=settings.timing.poll, clock=clock),
                sender.run(),
            )
            try:
                yield
            finally:
                hub.close()
                working.cancel()
                with suppress(asyncio.CancelledError):
                    await working
        database.close()

    def woken(conversation_ids: frozenset[str]) -> None:
        hub.wake(conversation_ids)
        worker.hint(conversation_ids)

    database.after_commit.append(woken)
    app = FastAPI(
        title="Clinic Chat",
        version="1",
        description="The patient's and the nurse's API of the desk.",
        docs_url=None,  # its page loads scripts from elsewhere; /openapi.json stays
        redoc_url=None,
        responses=problems.RESPONSES,
        lifespan=lifespan,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(LastResort),
            Middleware(PlainAddress),
            Middleware(CrossOrigin, allowed_origins=clinic.allowed_origins),
            Middleware(BodyLimit),
        ],
    )
    app.state.desk = Desk(
        settings=settings,
        clinic=clinic,
        database=database,
        handouts=handouts,
        assistant=assistant,
        outages=outages,
        limits=RateLimits(settings.limits, clinic),
        hub=hub,
        metrics=metrics,
        signals=Signals(),
        queue_views=QueueViews(),
        clock=clock,
    )
    problems.install(app, render_page=pages.render_error)
    patients = (patient, patient_chat, patient_transcript)
    nurses = (
        nurse,
        nurse_callbacks,
        nurse_chat,
        console,
        console_handoff,
        console_callbacks,
        console_search,
        canned_pages,
    )
    people = (
        welcome,
        own_settings,
        staff_pages,
        notice_pages,
        audit_pages,
        figures_pages,
        question_pages,
    )
    for module in (*patients, *nurses, *people, internal, health, pages):
        app.include_router(module.router)
    app.mount("/widget", StaticFiles(directory=CHECKOUT / "widget"), name="widget")
    app.mount("/static", StaticFiles(directory=CHECKOUT / "desk" / "static"), name="static")
    return app
