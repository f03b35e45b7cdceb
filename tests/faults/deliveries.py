"""One delivery that several runs take in at once, as after a dropped connection."""

import signal
import time

from acts import DELIVERY, agency, people
from bench import Bench, Wrong, end

SOME = 2000


def prepared(folder):
    bench = Bench(folder / "prepared")
    bench.folder.mkdir()
    agency(bench)
    bench.write("people.csv", people(SOME))
    bench.write("digest", bench.ok("digest").out)
    return bench


def overlapping(prepared, rng, folder, killed=0):
    """Two runs at once and a third a little later, some of which are killed."""
    bench = prepared.copy_to(folder)
    args = ("ingest", "people.csv", *DELIVERY, "--json")
    runs = [bench.start(*args), bench.start(*args)]
    time.sleep(rng.uniform(0.1, 0.6))
    runs.append(bench.start(*args))
    victims = rng.sample(runs, killed)
    for victim in victims:
        time.sleep(rng.uniform(0, 0.4))
        victim.send_signal(signal.SIGKILL)
    for run in runs:
        ran = end(run, args)
        if ran.code != 0 and run not in victims:
            raise Wrong(f"a run that nobody killed: {ran}")
    everybody_is_there(bench)
    operations = bench.operations()
    bench.ok(*args)
    if bench.operations() != operations:
        raise Wrong("taken in once more, it wrote")
    everybody_is_there(bench)
    bench.nothing_left()


def with_one_killed(prepared, rng, folder):
    overlapping(prepared, rng, folder, killed=1)


def everybody_is_there(bench):
    bench.verify()
    bench.whole()
    facts = bench.facts()
    wanted = {("identifier", f"HR|K{at}") for at in range(SOME)}
    wanted |= {("item", f"K{at}|{name}|1") for at in range(SOME) for name in ("name", "country")}
    missing = wanted - facts.keys()
    twice = [key for key in wanted & facts.keys() if len(facts[key][1]) != 1]
    if missing or twice:
        raise Wrong(f"{len(missing)} are missing, {len(twice)} there twice: {sorted(missing)[:3]} {twice[:3]}")
    jobs = [key for key in facts if key[0] == "job"]
    if len(jobs) != 1:
        raise Wrong(f"{len(jobs)} jobs instead of one")
