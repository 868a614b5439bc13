#!/usr/bin/env python3
"""Takes away what the program stands on, one system call at a time: disk, lock, clock, time zones, reader.

    python3 Tests/Program/faults/run.py [--program .build/debug/send-schedule] [NAME...]

A small library that is loaded before the program (`shim.c`, compiled here) fails the k-th write, or sets the clock.
Needs a C compiler (`cc`); what needs root or `zic` is skipped where there is none.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cases  # noqa: E402

if __name__ == "__main__":
    cases.main(__file__, __doc__)
