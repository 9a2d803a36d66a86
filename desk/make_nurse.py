"""`python -m desk.make_nurse --email … --role nurse|lead|admin [--name …]`: make an account.

With `--reset-password` or `--reset-second-factor` the account is there already, and is signed out
everywhere. Prints a one-time link, this once, by which its owner sets her password.
"""

from __future__ import annotations

import argparse
import os
import sys

from sqlalchemy.orm import Session

from desk import staff
from desk.app import utc_now
from desk.errors import Conflict, DeskError
from desk.invitations import LIFE, Purpose
from desk.settings import SettingsError, read_settings
from desk.staff import MadeNurse
from desk.storage.database import Database
from desk.storage.migrate import upgrade
from desk.web.welcome import WELCOME


def main(arguments: list[str] | None = None) -> int:
    """Do it; the exit status is 2, with one sentence, when that is impossible."""
    chosen = _parse(arguments)
    purpose: Purpose = "welcome"
    if chosen.reset_password:
        purpose = "password"
    elif chosen.reset_second_factor:
        purpose = "second_factor"
    os.umask(0o077)
    try:
        settings = read_settings()
        upgrade(settings.database_url)
        database = Database(settings.database_url)
        with database.write() as session:
            made = _make(session, chosen, purpose)
        database.close()
    except Conflict as error:
        sys.stderr.write(f"make_nurse: {error} Nothing was changed.{_what_else(purpose)}\n")
        return 2
    except (DeskError, SettingsError) as error:
        sys.stderr.write(f"make_nurse: {error}\n")
        return 2
    base = (chosen.url or f"http://{settings.host}:{settings.port}").rstrip("/")
    out = "" if purpose == "welcome" else "The account is signed out everywhere.\n"
    sys.stdout.write(
        f"Account: {made.nurse.email} ({made.nurse.role})\n"
        f"Link:    {base}{WELCOME}#{made.token}\n"
        f"{out}Good once, for {LIFE[purpose].days * 24} hours; it is not shown again.\n"
        "Whoever has it sets the password, so hand it to that person alone.\n"
    )
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m desk.make_nurse", description=__doc__)
    parser.add_argument("--email", required=True)
    parser.add_argument("--role", choices=("nurse", "lead", "admin"), help="default: nurse")
    parser.add_argument("--name", help="as colleagues see it; default: from the e-mail address")
    parser.add_argument("--url", help="the address of your site, for the link")
    reset = parser.add_mutually_exclusive_group()
    reset.add_argument(
        "--reset-password", action="store_true", help="of an account that is there: a new link"
    )
    reset.add_argument(
        "--reset-second-factor",
        action="store_true",
        help="the same, and a new second factor: for a lost phone",
    )
    chosen = parser.parse_args(arguments)
    if (chosen.reset_password or chosen.reset_second_factor) and (chosen.role or chosen.name):
        parser.error("a reset changes nothing else: leave out --role and --name")
    return chosen


def _make(session: Session, chosen: argparse.Namespace, purpose: Purpose) -> MadeNurse:
    if purpose != "welcome":
        nurse_id = staff.id_of(session, chosen.email)
        return staff.new_link(session, nurse_id, purpose, now=utc_now())
    return staff.make_nurse(
        session,
        email=chosen.email,
        role=chosen.role or "nurse",
        name=chosen.name,
        now=utc_now(),
    )


def _what_else(purpose: Purpose) -> str:
    if purpose != "welcome":
        return ""
    return " For a new link to that account: python -m desk.make_nurse --email … --reset-password"


if __name__ == "__main__":
    sys.exit(main())
