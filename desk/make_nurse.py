"""`python -m desk.make_nurse --email … --role nurse|lead|admin [--name …]`: make an account.

With `--reset-password` the account is there already: it gets a new password and is signed out
everywhere. Prints the generated password, this once.
"""

from __future__ import annotations

import argparse
import os
import sys

from desk.accounts import make_nurse, reset_password
from desk.app import utc_now
from desk.errors import Conflict, DeskError
from desk.settings import SettingsError, read_settings
from desk.storage.database import Database
from desk.storage.migrate import upgrade


def main(arguments: list[str] | None = None) -> int:
    """Do it; the exit status is 2, with one sentence, when that is impossible."""
    parser = argparse.ArgumentParser(prog="python -m desk.make_nurse", description=__doc__)
    parser.add_argument("--email", required=True)
    parser.add_argument("--role", choices=("nurse", "lead", "admin"), help="default: nurse")
    parser.add_argument("--name", help="as colleagues see it; default: from the e-mail address")
    parser.add_argument(
        "--reset-password",
        action="store_true",
        help="of an account that is there: a new password, and signed out everywhere",
    )
    chosen = parser.parse_args(arguments)
    if chosen.reset_password and (chosen.role or chosen.name):
        parser.error("--reset-password changes the password alone: leave out --role and --name")
    os.umask(0o077)
    try:
        settings = read_settings()
        upgrade(settings.database_url)
        database = Database(settings.database_url)
        with database.write() as session:
            if chosen.reset_password:
                made = reset_password(session, email=chosen.email, now=utc_now())
            else:
                made = make_nurse(
                    session,
                    email=chosen.email,
                    role=chosen.role or "nurse",
                    name=chosen.name,
                    now=utc_now(),
                )
    except Conflict as error:
        sys.stderr.write(
            f"make_nurse: {error} Nothing was changed. For a new password of that account: "
            "python -m desk.make_nurse --email … --reset-password\n"
        )
        return 2
    except (DeskError, SettingsError) as error:
        sys.stderr.write(f"make_nurse: {error}\n")
        return 2
    out = "The account is signed out everywhere.\n" if chosen.reset_password else ""
    sys.stdout.write(
        f"Account:  {made.nurse.email} ({made.nurse.role})\n"
        f"Password: {made.password}\n"
        f"{out}Write it down now; it is not shown again.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
