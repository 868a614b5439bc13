#!/usr/bin/env python3
"""Makes the pictures in screenshots/ from the real program, on its sample gateway.

    apt-get install tmux fonts-dejavu-core fonts-wqy-zenhei; pip install pillow holidays icalendar
    python3 Tests/Program/pictures/make.py [--program .build/release/send-schedule] [NAME...]

A shot names its size, the keys that lead to it and a text that its screen shows when it is there. To
draw any other command: make.py --command 'calcurse' --size 80x24 --keys 'Down Down' --wait Calendar
--out FILE.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
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
HELD = "demo +97715550123 --now 2026-03-26T08:50:00Z"

SHOTS = [
    Shot("phones", (120, 24), "Down Down Down Down", "Office hours", DEMO),
    Shot("change", (80, 24), "f f h h v j l l d r '2' Enter", "sooner|later", DESK),
    Shot("dates", (80, 24), "x j j", "only Thu 24 Dec", "demo +4915112345601 --now 2026-12-22T08:50:00Z"),
    Shot("held", (80, 24), "", "modem repair", HELD),
    Shot("holidays", (100, 30), "S e", "German Unity", "edit +4915112345601 --now 2026-11-27T09:50:00Z --database holidays.sqlite"),
    Shot("load", (140, 45), "r '12' Enter f", "in 30 min", BUSY),
    Shot("explain", (80, 24), "Tab j j j j j j j e", "sooner", DESK),
    Shot("message", (80, 24), "Tab j j j j j j j Enter", "What happened", DESK),
    Shot("time-zone", (100, 30), "z 'york'", "New_York", DESK),
    Shot("shared", (80, 24), "':thu-fri 14-16' Enter s", "serves 3 phones", DESK),
    Shot("empty", (80, 24), "", "Begin with", "edit --database empty.sqlite"),
    Shot("help", (100, 44), "?", "redraw", DESK),
    Shot("small", (60, 15), "", "waiting", DESK),
    Shot("ascii", (80, 24), "v l l l j", "Selected|selected", DESK + " --ascii"),
]


def prepare(program):
    """Makes the databases that the shots open, in the working folder."""
    def run(*words):
        subprocess.run([program, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    moment = "2026-11-27T09:50:00Z"
    run("phones", "add", "+15550100100", "--database", "empty.sqlite")
    run("phones", "remove", "+15550100100", "--yes", "--database", "empty.sqlite")
    run("demo", "--no-edit", "--now", moment, "--database", "holidays.sqlite")
    try:
        import holidays
        import holidays.ical
    except ImportError:
        sys.exit("the picture of holidays wants the Python packages holidays and icalendar")
    days = holidays.country_holidays("DE", subdiv="BE", years=[2026, 2027])
    holidays.ical.ICalExporter(days).save_ics("germany.ics")
    run("schedules", "holidays", "Office hours", "germany.ics", "--now", moment, "--database", "holidays.sqlite")


def take(command, columns, rows, keys, wait, title, path, directory="/"):
    with Screen(command, columns, rows, directory=directory) as screen:
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
    program = str(Path(options.program).resolve())
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        prepare(program)
        for shot in SHOTS:
            if options.names and shot.name not in options.names:
                continue
            command = f"{shlex.quote(program)} {shot.arguments}"
            title = f"send-schedule {shot.arguments}".strip()
            take(command, *shot.size, shot.keys, shot.wait, title, folder / f"{shot.name}.png", place)


if __name__ == "__main__":
    main()
