"""E7: whoever sends the mails dies around a send; no mail is lost, and only one that was sent and not noted goes twice.

A mail service that accepts and then does not answer (F18) looks the same from here.
"""

import pytest

from tests.faults.installation import MAILER
from tests.faults.trial import Trial

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
IN_THE_WINDOW = "due_work_after_act"
MAILER_PLACES = ("due_work_before_act", IN_THE_WINDOW, "due_work_after_record")
LEASES_OVER = "update notification.due_work set due_at = now() where kind = 'send-mail'"
MAILS_AT_ONCE = 5


def test_a_mailer_killed_around_a_send_loses_no_mail_and_repeats_only_what_it_could_not_note(trial: Trial) -> None:
    places = MAILER_PLACES * trial.figures.repeats
    with trial.load() as load:
        for number, place in enumerate(places):
            trial.until_the_next()
            trial.rig.arm(MAILER, place)
            trial.people.register.appoint(trial.trusts[number % len(trial.trusts)], MAILS_AT_ONCE)
            trial.wait_for_death(MAILER, place)
            trial.rig.mails_not_noted += place == IN_THE_WINDOW
            if trial.figures.name == "short":
                trial.evidence.change(LEASES_OVER)  # two minutes that a full run waits for
            trial.rig.launch(MAILER)
        trial.let_it_run()

    crashes = places.count(IN_THE_WINDOW)
    worst = f"{crashes} mails sent and not noted were sent again, {MAILS_AT_ONCE * len(places)} in all"
    what = "sender of mails killed before sending, before and after noting it"
    trial.judge("F18", what, load, worst=worst)
