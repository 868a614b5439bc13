#!/usr/bin/env python3
"""Makes the pictures in screenshots/ from the real program, on its sample gateway.

    apt-get install tmux python3-pil fonts-dejavu-core
    python3 Tests/Program/pictures/make.py [--program .build/release/send-schedule] [NAME...]

A shot names its size, the keys that lead to it and a text that its screen shows when it is there. To
draw any other command: make.py --command 'calcurse' --size 80x24 --keys 'Down Down' --wait Calendar
--out FILE.
"""

import argparse
import shlex
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "Tests" / "Program"))

from tmux_screen import Screen  # noqa: E402
from terminal_picture import picture  # noqa: E402


class Shot(NamedTuple):
    name: str
    size: tuple
    # Words of keys by tmux's names; a word in quotes is typed; `=text` waits for a text.
    keys: str
    wait: str
    arguments: str = "demo"


DEMO = "demo --now 2026-03-26T08:50:00Z"
DESK = "demo +4915112345601 --now 2026-03-26T08:50:00Z"
BUSY = "demo +4915112345604 --now 2026-03-26T17:10:00Z"

SHOTS = [
    Shot("phones", (100, 24), "Down Down Down Down", "Office hours, Europe/Berlin", DEMO),
    Shot("change", (80, 24), "f f h h v j l l d r C-u '2' Enter", "sooner|later", DESK),
    Shot("load", (140, 45), "r C-u '12' Enter f", "Overlay", BUSY),
    Shot("explain", (100, 30), "Tab j j j j j j j e", "Goes out", DESK),
    Shot("time-zone", (100, 30), "z 'york'", "New_York", DESK),
    Shot("shared", (80, 24), "0 v L L L Space s", "serves 3 phones", DESK),
    Shot("help", (100, 44), "?", "suspend", DESK),
    Shot("small", (60, 15), "", "waiting", DESK),
    Shot("ascii", (80, 24), "v l l l j", "Selected", DESK + " --ascii"),
]


def take(command, columns, rows, keys, wait, title, path):
    with Screen(command, columns, rows) as screen:
        screen.until(lambda: screen.text().strip(), "a first screen")
        for word in shlex.split(keys, posix=False):
            if word[0] in "'\"":
                screen.type(word[1:-1])
            elif word[0] == "=" and len(word) > 1:
                screen.wait(word[1:])
            else:
                screen.keys(word)
        if wait:
            screen.wait(wait)
        cursor = (int(screen.ask("cursor_x")), int(screen.ask("cursor_y")))
        shown = cursor if screen.ask("cursor_flag") == "1" else None
        picture(screen.styled(), columns, rows, title, shown).save(path, optimize=True)
        print(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--program", default=str(ROOT / ".build" / "release" / "send-schedule"))
    parser.add_argument("--command")
    parser.add_argument("--size", default="80x24")
    parser.add_argument("--keys", default="")
    parser.add_argument("--wait", default="")
    parser.add_argument("--out")
    options = parser.parse_args()
    if options.command:
        columns, rows = map(int, options.size.split("x"))
        out = options.out or "screen.png"
        take(options.command, columns, rows, options.keys, options.wait, options.command, out)
        return
    folder = ROOT / "screenshots"
    folder.mkdir(exist_ok=True)
    for shot in SHOTS:
        if options.names and shot.name not in options.names:
            continue
        command = f"{shlex.quote(options.program)} {shot.arguments}"
        title = f"send-schedule {shot.arguments}".strip()
        take(command, *shot.size, shot.keys, shot.wait, title, folder / f"{shot.name}.png")


if __name__ == "__main__":
    main()
