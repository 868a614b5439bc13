"""Editors whose database goes away or is locked, and the drafts of several editors of one account."""

import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

from cases import Skipped, expect
from place import PHONE, Place
from shim import Clock
from test_claims import HOUR

UNSAVED = r"\* unsaved"
OFFER = "(?i)unsaved work"


def painted(editor, words):
    editor.send(f":{words}\r")
    editor.wait(UNSAVED)


def expect_not_saved(editor, what):
    """Saving says that the file is another or not there, and the work stays."""
    editor.send("s")
    editor.wait(r"(?i)moved|gone|deleted|replaced|not there|no longer|another file|removed")
    expect(not editor.sees("Saved:? "), f"'saved', although the database was {what}:\n{editor.grid.text()}")


def test_a_database_that_goes_away_is_not_written(program):
    def move(place):
        place.database.rename(place.elsewhere / "moved")

    def delete(place):
        for path in place.folder.iterdir():
            path.unlink()

    def replace(place):
        shutil.copy(place.database, place.elsewhere / "copy")
        (place.elsewhere / "copy").rename(place.database)

    for change in (move, delete, replace):
        with Place(program) as place:
            place.fill()
            with place.editor(PHONE) as editor:
                editor.wait("Office")
                painted(editor, "sun 1-2")
                change(place)
                expect_not_saved(editor, change.__name__ + "d")


def test_a_draft_survives_a_lock_that_lasts(program):
    """Another program holds the lock; the editor is asked to end: what was painted is offered afterwards."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        with Place(program) as place:
            place.fill()
            with closing(sqlite3.connect(place.database, isolation_level=None)) as holder:
                with place.editor(PHONE) as editor:
                    editor.wait("Office")
                    holder.execute("BEGIN IMMEDIATE")
                    painted(editor, "sun 1-2")
                    editor.signal(number)
                    expect(editor.end(60) is not None, "it does not end within a minute")
                holder.execute("ROLLBACK")
            with place.editor(PHONE) as editor:
                editor.wait(OFFER)


def test_waiting_for_a_lock_is_shown_and_can_be_ended(program):
    with Place(program) as place:
        place.fill()
        with closing(sqlite3.connect(place.database, isolation_level=None)) as holder:
            with place.editor(PHONE) as editor:
                editor.wait("Office")
                painted(editor, "sun 1-2")
                holder.execute("BEGIN IMMEDIATE")
                editor.send("s")
                editor.wait(r"(?i)locked.* [2-9] s")
                started = time.monotonic()
                editor.send("\x03")
                editor.wait(r"nothing was changed")
                expect(time.monotonic() - started < 1, "^C does not end the waiting at once")
                expect(editor.sees(UNSAVED), "the work is gone")
                holder.execute("ROLLBACK")
                editor.send("s")
                editor.wait("Saved:? ")


def test_the_work_goes_on_in_what_is_there_now(program):
    """The database is replaced by a copy of it, as when a backup is put back."""
    with Place(program) as place:
        place.fill()
        with place.editor(PHONE) as editor:
            editor.wait("Office")
            painted(editor, "allow sun 1-2")
            place.run("backup", place.elsewhere / "copy")
            for name in place.names():
                (place.folder / name).unlink()
            (place.elsewhere / "copy").rename(place.database)
            editor.wait("not there any more")
            editor.send("o")
            editor.wait(UNSAVED)
            editor.wait("Opened what is there")
            editor.send("s")
            editor.wait("Saved:? ")
        expect((0, 60, 120) in place.windows("Office"), f"it was saved elsewhere: {place.windows('Office')}")


def test_each_draft_of_an_account_is_offered(program):
    """Two editors of one account on one phone are killed: the work of both is there."""
    with Place(program) as place:
        place.fill()
        with place.editor(PHONE) as first, place.editor(PHONE) as second:
            for number, (editor, words) in enumerate([(first, "allow sun 1-2"), (second, "allow sat 3-4")], 1):
                editor.wait("Office")
                painted(editor, words)
                place.wait_for_a_draft(number)
            first.kill()
            second.kill()
        for _ in range(2):
            with place.editor(PHONE) as editor:
                editor.wait(OFFER)
                editor.send("c")
                editor.wait(UNSAVED)
                editor.send("s")
                editor.wait("Saved:? ")
        windows = place.windows("Office")
        expect((0, 60, 120) in windows and (6, 180, 240) in windows, f"work of one of them is lost: {windows}")


def expect_the_draft_of_a_living_editor_is_not_offered(program, *before):
    """`before` are words before the command of the second editor."""
    with Place(program) as place:
        place.fill()
        with place.editor(PHONE) as first:
            first.wait("Office")
            painted(first, "sun 1-2")
            place.wait_for_a_draft()
            with place.editor(PHONE, before=before) as second:
                second.wait("Office")
                second.drain(0.5)
                expect(not second.sees(OFFER), f"the work of an open editor is offered:\n{second.grid.text()}")
            first.kill()
        with place.editor(PHONE, before=before) as second:
            second.wait(OFFER)


def test_the_draft_of_a_living_editor_is_not_offered(program):
    expect_the_draft_of_a_living_editor_is_not_offered(program)


def test_editors_in_two_containers_know_of_each_other(program):
    """Neither sees the other's process."""
    words = ["unshare", "--pid", "--fork", "--mount-proc"]
    if not shutil.which("unshare") or subprocess.run([*words, "true"], capture_output=True).returncode != 0:
        raise Skipped("no process namespaces here")
    expect_the_draft_of_a_living_editor_is_not_offered(program, *words)


def test_an_editor_looks_again_after_the_clock_was_set_back(program):
    with Place(program) as place:
        place.fill()
        clock = Clock(place.elsewhere, 2 * HOUR)
        with place.editor(PHONE, variables=clock.variables) as editor:
            editor.wait("Office")
            for rate in ("7", "8"):
                place.run("phones", "set", PHONE, "--rate", rate)
                editor.wait(f"{rate} a minute", seconds=3)
                clock.set_ahead(HOUR)
