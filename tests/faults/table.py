"""What the campaign found, kept in the build's folder, and the table of it in the manual."""

import json
import subprocess
from datetime import datetime, timezone

from bench import ROOT

RESULTS = ROOT / "target/faults.json"
PAGE = ROOT / "docs/manual/trust.md"
BEGIN = "<!-- Made by tests/faults/run --table; do not edit. -->\n"
END = "<!-- End of the table. -->\n"


def build():
    """The commit that the program was built from, as far as git knows, and whether something was changed since."""
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=, changed"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    return f"debug, {said.stdout.strip() or 'unknown'}"


def keep(results):
    """Keeps results by their test: of each the one with the most tries of this build, else the newest."""
    kept = {result["test"]: result for result in read()}
    for result in results:
        former = kept.get(result["test"])
        if former is None or former["build"] != result["build"] or former["tries"] <= result["tries"]:
            kept[result["test"]] = result
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(list(kept.values()), indent=1) + "\n")


def read():
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else []


def result(test, tries, failures, seed, seconds):
    date = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    return {
        "test": test.name,
        "fault": test.fault,
        "tries": tries,
        "failures": failures,
        "seed": seed,
        "seconds": round(seconds),
        "date": date,
        "build": build(),
    }


def write(order):
    """Puts the table into the page, in the order of the tests."""
    results = sorted((r for r in read() if r["test"] in order), key=lambda r: order.index(r["test"]))
    columns = ("fault", "tries", "failures", "seed", "date", "build")
    lines = ["| fault | tries | failures | seed | date | build |", "| --- | ---: | ---: | ---: | --- | --- |"]
    lines += ["| " + " | ".join(str(result[column]) for column in columns) + " |" for result in results]
    tries, failures = (sum(result[column] for result in results) for column in ("tries", "failures"))
    lines.append(f"| **all** | **{tries:,}** | **{failures:,}** | | | |")
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    PAGE.write_text(before + BEGIN + "\n".join(lines) + "\n" + rest[rest.index(END) :])
