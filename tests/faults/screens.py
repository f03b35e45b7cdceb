"""Workbenches on a pseudo terminal: their keys, their sizes, and how they leave the terminal."""

import fcntl
import os
import select
import signal
import struct
import termios
import threading
import time

from bench import Wrong

LEAVES = b"\x1b[?1049l"
# Keys that look and mark, and write nothing.
LOOKING = [b"j", b"k", b"\t", b"\x1b[6~", b"\x1b[5~", b"G", b"g", b"1", b"2", b"5", b"6", b"?", b"\x1b", b" ", b"/x\x1b"]


class Screen:
    def __init__(self, bench, size=(24, 80)):
        self.master, slave = os.openpty()
        self.resize(*size)
        self.before = termios.tcgetattr(slave)
        before = ("env", "TERM=xterm-256color", "setsid", "--ctty")
        self.process = bench.start(before=before, stdin=slave, stdout=slave, stderr=slave)
        self.slave = slave
        self.drawn = b""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while True:
            ready, _, _ = select.select([self.master], [], [], 0.2)
            if not ready and self.process.poll() is not None:
                return
            if ready:
                try:
                    self.drawn = (self.drawn + os.read(self.master, 65_536))[-200_000:]
                except OSError:
                    return

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.master, keys)

    def waits_for(self, text, seconds=30):
        begun = time.monotonic()
        while text not in self.drawn:
            if self.process.poll() is not None or time.monotonic() - begun > seconds:
                raise Wrong(f"the workbench does not draw {text!r}: {self.drawn[-400:]!r}")
            time.sleep(0.05)

    def alive(self):
        if self.process.poll() is not None:
            raise Wrong(f"the workbench ended with {self.process.returncode}: {self.drawn[-600:]!r}")

    def quit(self):
        """Leaves as a person does, and looks whether the terminal is as it was."""
        self.alive()
        begun = time.monotonic()
        while self.process.poll() is None:
            if time.monotonic() - begun > 60:
                self.kill()
                raise Wrong(f"the workbench does not end by q: {self.drawn[-600:]!r}")
            self.press(b"\x1b")
            time.sleep(0.3)
            self.press(b"q")
            time.sleep(0.5)
        self.reader.join(5)
        after = termios.tcgetattr(self.slave)
        os.close(self.master)
        os.close(self.slave)
        if self.process.returncode != 0:
            raise Wrong(f"the workbench ended with {self.process.returncode}: {self.drawn[-600:]!r}")
        if after != self.before or LEAVES not in self.drawn:
            raise Wrong("the terminal is not as it was")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


SIZES = 25


def resized(prepared, rng, folder):
    """A workbench whose terminal changes its size again and again, between keys; it draws, and leaves well."""
    bench = prepared.copy_to(folder)
    screen = Screen(bench)
    try:
        screen.waits_for(b"Ledger")
        for _ in range(SIZES):
            tiny = rng.random() < 0.3
            screen.resize(rng.randint(1, 12 if tiny else 70), rng.randint(1, 40 if tiny else 240))
            if rng.random() < 0.6:
                screen.press(rng.choice(LOOKING))
            time.sleep(rng.uniform(0, 0.05))
            screen.alive()
        screen.press(b"\x1b")
        screen.drawn = b""
        screen.resize(23, 79)
        time.sleep(0.3)
        screen.resize(24, 80)
        screen.waits_for(b"Ledger")
        screen.quit()
    finally:
        if screen.process.poll() is None:
            screen.kill()
    bench.verify()
    bench.whole()
    bench.nothing_left()
