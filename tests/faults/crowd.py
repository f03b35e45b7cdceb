"""Eight programs that write and four workbenches on one store, for a while."""

import random
import threading
import time

from acts import DELIVERY, people
from bench import Wrong
from screens import LOOKING, Screen

WRITERS, WORKBENCHES = 8, 4
# Of each writer's keys, so many records a delivery.
RECORDS = 20


class Writer:
    """Writes what is its own, and remembers what it was told is done."""

    def __init__(self, bench, number, seed):
        self.bench, self.number = bench, number
        self.rng = random.Random(f"{seed} {number}")
        self.codes, self.keys, self.done, self.wrong = set(), set(), 0, None

    def work(self, until):
        try:
            while time.monotonic() < until:
                self.rng.choice([self.deliver, self.deliver, self.add_code, self.certify, self.reject, self.look])()
                self.done += 1
        except Wrong as wrong:
            self.wrong = wrong

    def ok(self, *args, codes=(0,)):
        ran = self.bench.run(*args)
        if ran.code not in codes:
            raise Wrong(f"writer {self.number}, {args}: {ran}")

    def deliver(self):
        first = 1_000_000 * (self.number + 1) + RECORDS * self.done
        name = f"d{self.number}-{self.done}.csv"
        self.bench.write(name, people(RECORDS, first))
        self.ok("ingest", name, *DELIVERY, "--delivery", name)
        self.keys |= {f"K{at}" for at in range(first, first + RECORDS)}

    def add_code(self):
        code = f"W{self.number}-{self.done}"
        name = f"c{self.number}-{self.done}.csv"
        self.bench.write(name, f"code,label\n{code},Label {code}\n")
        self.ok("import", "codes", name, "--list", "country")
        self.codes.add(code)

    def certify(self):
        # Others may have decided what is found before it is written: then nothing was, which is told by exit code 1.
        self.ok("certify", "--filter", f"is:pending key:K{self.number + 1}*", codes=(0, 1))

    def reject(self):
        self.ok("reject", "--filter", "is:pending field:country", "--reason", "by chance", codes=(0, 1))

    def look(self):
        self.ok("list", "ledger", "--limit", "5")


def worked(prepared, case, folder):
    seconds, seed = case
    bench = prepared.copy_to(folder)
    until = time.monotonic() + seconds
    writers = [Writer(bench, number, seed) for number in range(WRITERS)]
    threads = [threading.Thread(target=writer.work, args=(until,)) for writer in writers]
    screens = [Screen(bench, size) for size in [(24, 80), (45, 160), (30, 100), (24, 80)][:WORKBENCHES]]
    rng = random.Random(seed)
    try:
        for thread in threads:
            thread.start()
        while time.monotonic() < until:
            for screen in screens:
                screen.alive()
                screen.press(rng.choice(LOOKING))
            time.sleep(0.1)
        for thread in threads:
            thread.join()
        for screen in screens:
            screen.quit()
    finally:
        for screen in screens:
            if screen.process.poll() is None:
                screen.kill()
    if wrong := [str(writer.wrong) for writer in writers if writer.wrong]:
        raise Wrong("; ".join(wrong))
    if idle := [writer.number for writer in writers if not writer.done]:
        raise Wrong(f"writers {idle} came to nothing in {seconds} s")
    all_is_there(bench, writers)
    bench.nothing_left()


def all_is_there(bench, writers):
    bench.verify()
    bench.whole()
    facts = bench.facts()
    for writer in writers:
        codes = {("code", f"country|{code}") for code in writer.codes}
        items = {("item", f"{key}|name|1") for key in writer.keys}
        if missing := (codes | items) - facts.keys():
            raise Wrong(f"{len(missing)} acknowledged of writer {writer.number} are missing: {sorted(missing)[:3]}")
    twice = [key for key, (_, rows) in facts.items() if key[0] == "item" and len(rows) != 1]
    if twice:
        raise Wrong(f"there twice: {twice[:3]}")
