"""`python -m desk.try_notices [--to NAME …]`: send a test to the addresses of `clinic.yml`.

Says of each what came of it; the exit status is 1 when one was not reached, and 2, with one
sentence, when nothing could be tried. What a service said of a failure is printed, and may hold its
address.
"""

from __future__ import annotations

import argparse
import logging
import sys
import uuid

from clinic.settings import ClinicError, load_clinic
from desk.app import utc_now
from desk.notice_channels import open_channels
from desk.notice_words import problem_in_words, trial_message
from desk.public_holidays import public_holidays
from desk.settings import SettingsError, read_settings


def main(arguments: list[str] | None = None) -> int:
    """Try each address once."""
    parser = argparse.ArgumentParser(prog="python -m desk.try_notices", description=__doc__)
    parser.add_argument("--to", action="append", metavar="NAME", help="only this address")
    chosen = parser.parse_args(arguments)
    try:
        settings = read_settings()
        clinic = load_clinic(settings.clinic_config, public_holidays)
        channels = open_channels(clinic.notifications, settings.secrets)
    except (ClinicError, SettingsError) as error:
        sys.stderr.write(f"try_notices: {error}\n")
        return 2
    names = list(dict.fromkeys(chosen.to or channels))
    unknown = [name for name in names if name not in channels]
    if unknown or not names:
        known = ", ".join(channels) or "none; see docs/notifications.md"
        wrong = f"no such address: {', '.join(unknown)}" if unknown else "nobody to tell"
        sys.stderr.write(f"try_notices: {wrong}. In clinic.yml are: {known}\n")
        return 2
    logging.basicConfig(level=logging.WARNING, format="    %(message)s", stream=sys.stdout)
    logging.getLogger("apprise").setLevel(logging.WARNING)
    reached = 0
    for name in names:
        now = utc_now()
        message = trial_message(clinic, now=now)
        problem = channels[name].send(message, message_id=f"msg_{uuid.uuid4().hex}", now=now)
        reached += not problem
        said = f"not sent, {problem_in_words(problem)}" if problem else "sent; has it arrived?"
        sys.stdout.write(f"{name}: {said}\n")
    return 0 if reached == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
