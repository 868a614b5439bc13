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
    test_a_claim_for_nobody_is_undone test_a_waiting_claim_ends_with_its_reader
    test_a_message_that_comes_as_the_reader_goes_is_not_lost test_a_step_of_the_clock_opens_no_closed_hour
    test_a_step_forward_beyond_the_hour_sends_nothing test_a_claim_at_a_wrong_future_time_blocks_nothing
    test_a_claim_reads_the_clock_once_it_has_the_lock test_a_waiting_claim_outlasts_a_long_lock
    test_timeout_ends_a_waiting_claim test_each_write_of_each_command_may_fail test_each_sync_of_each_command_may_fail
    test_each_rename_unlink_and_truncation_may_fail test_each_call_of_a_first_command_may_fail
    test_first_imports_on_small_disks
    test_a_waiting_claim_follows_an_update test_a_server_that_is_down_is_said
    test_a_waiting_claim_outlives_a_crash_of_the_server test_an_editor_outlives_a_crash_of_the_server
    test_two_gateways_never_get_the_same test_a_role_without_rights_changes_nothing test_a_password_is_never_shown
    test_a_newer_schema_is_refused
    """.split())

if __name__ == "__main__":
    cases.main(__file__, __doc__, PENDING)
