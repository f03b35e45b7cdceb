"""Kills and signals at random moments."""

import signal
import time

from bench import end

# A little after its end counts, too: what was acknowledged is there.
LONGER = 1.1


def struck(prepared, rng, folder, signals):
    """Does the act and strikes at a random moment."""
    bench = prepared.copy(folder)
    number = rng.choice(signals)
    process = bench.start(*prepared.command)
    time.sleep(rng.uniform(0, prepared.seconds * LONGER))
    process.send_signal(number)
    ran = end(process, prepared.command)
    prepared.judge(bench, ran.code == 0)


def killed(prepared, rng, folder):
    struck(prepared, rng, folder, [signal.SIGKILL])


def signalled(prepared, rng, folder):
    struck(prepared, rng, folder, [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
