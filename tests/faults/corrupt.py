"""Bytes of the file that change: nothing is shown as certified that was not, without verify finding it."""

from acts import DELIVERY, agency, people
from bench import Bench, Wrong

SOUND = (0, 14)
# What verify may say of a damaged file.
FOUND = (10, 11, 12, 13, 1)
LIST = ("list", "ledger", "--filter", "is:certified", "--json")


def prepared(folder):
    bench = Bench(folder / "prepared")
    bench.folder.mkdir()
    agency(bench)
    bench.write("people.csv", people(30))
    bench.ok("ingest", "people.csv", *DELIVERY)
    bench.ok("map", "HR", "country", "fr", "FRA")
    bench.ok("certify", "--filter", "is:pending field:name", "--reason", "read against the file")
    bench.ok("revoke", "--filter", "is:certified value:\"Name 1\"", "--reason", "read against the file")
    bench.shown = bench.ok(*LIST).out
    return bench


def places(content, rng):
    """Places anywhere, or of what people read: half of the tries go for values, which are a small part of the file."""
    how_many = rng.choice([1, 1, 1, 2, 8, 64])
    if rng.random() < 0.5:
        return [rng.randrange(len(content)) for _ in range(how_many)]
    at = content.find(b"Name ", rng.randrange(len(content)))
    at = content.find(b"Name ") if at < 0 else at
    return [min(len(content) - 1, max(0, at + rng.randrange(-120, 40))) for _ in range(min(how_many, 8))]


def changed(prepared, rng, folder):
    bench = prepared.copy_to(folder)
    content = bytearray(bench.store.read_bytes())
    for at in places(content, rng):
        content[at] ^= rng.randrange(1, 256)
    bench.store.write_bytes(content)
    shown = bench.run(*LIST)
    ran = bench.run("verify", "--replay")
    if ran.code not in SOUND + FOUND:
        raise Wrong(f"verify of a damaged file: {ran}")
    if ran.code in SOUND and (shown.code != 0 or shown.out != prepared.shown):
        raise Wrong(f"shown as certified is something else, and verify calls it sound: {difference(prepared, shown)}")


def difference(prepared, shown):
    there, now = set(prepared.shown.splitlines()), set(shown.out.splitlines())
    return f"exit code {shown.code} {shown.err.strip()} {sorted(now - there)[:1]} instead of {sorted(there - now)[:1]}"
