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

# What the program does not do yet.
PENDING = set("""
    test_a_server_that_is_down_is_said
    test_a_waiting_claim_outlives_a_crash_of_the_server test_an_editor_outlives_a_crash_of_the_server
    test_two_gateways_never_get_the_same test_a_role_without_rights_changes_nothing test_a_password_is_never_shown
    test_a_newer_schema_is_refused
    """.split())

if __name__ == "__main__":
    cases.main(__file__, __doc__, PENDING)
