"""Puts the clock of one Python process ahead or behind, before it imports anything of ours.

Only a process that a fault test starts with this folder on its path finds it; SKEW_SECONDS says by how much.
"""

import os
import time

import time_machine

time_machine.travel(time.time() + float(os.environ["SKEW_SECONDS"]), tick=True).start()
