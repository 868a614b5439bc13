"""The main job, from the keyboard to the database."""

import shlex
from pathlib import Path

from sample import ALERTS, DESK, Gateway
from tmux_screen import Screen


def test_paint_and_save(program):
    with Gateway(program) as gateway, Screen(gateway.editor()) as screen:
        screen.wait(r"Desk")
        screen.type("/Desk")
        screen.keys("Enter", "Enter")
        screen.wait(r"Wed 10:30-11:00 allowed, window 09:00-12:00")
        screen.keys("j", "Space")
        screen.wait(r"Every Thursday: 10:30-11:00 denied")
        screen.wait(r"unsaved")
        screen.keys("s")
        screen.wait_without(r"unsaved")
        screen.keys("q", "q")
        assert screen.status() == 0
        assert (4, 540, 630) in gateway.windows() and (4, 660, 720) in gateway.windows()
        assert (3, 540, 720) in gateway.windows()


def test_quitting_with_unsaved_work_asks(program):
    with Gateway(program) as gateway, Screen(gateway.editor(DESK)) as screen:
        before = gateway.windows()
        screen.wait("allowed, window")
        screen.keys("Space")
        screen.wait("unsaved")
        screen.type(":q")
        screen.keys("Enter")
        screen.wait(r"(?i)save|discard")
        assert screen.ask("alternate_on") == "1"
        screen.keys("Escape")
        screen.keys("Escape", "C-c")
        screen.wait("Europe/Berlin")
        assert gateway.windows() == before


def test_somebody_elses_save_appears(program):
    with Gateway(program) as gateway, Screen(gateway.editor(DESK)) as screen:
        screen.wait("Wed 10:30-11:00 allowed")
        gateway.run("schedules", "set", "Office", "mon-fri 13:00-17:30")
        screen.wait("saved a change: Mon-Fri 09:00-12:00 removed")
        screen.keys("Right")
        screen.wait("Wed 11:00-11:30 denied")


def test_nothing_is_made_at_a_mistyped_path(program):
    with Gateway(program) as gateway:
        path = Path(gateway.folder) / "gatewya.sqlite"
        words = shlex.join([program, "edit", "--database", str(path)])
        with Screen(words) as screen:
            screen.wait("no database at .*gatewya.sqlite. Make a new one")
            screen.keys("n", "Enter")
            assert screen.status() == 66 and not path.exists()
        with Screen(f"{words} {DESK}") as screen:
            assert screen.status() == 66 and not path.exists()
        with Screen(f"{words} </dev/null") as screen:
            assert screen.status() == 66 and not path.exists()
        with Screen(words) as screen:
            screen.wait("Make a new one")
            screen.keys("y", "Enter")
            screen.wait("send-schedule .*phones")
            assert path.exists()


def test_read_only(program):
    with Gateway(program) as gateway, Screen(gateway.editor(DESK, "--read-only")) as screen:
        screen.wait("(?i)read.only")
        screen.keys("Space")
        screen.wait("(?i)read.only")
        assert "unsaved" not in screen.text()
        screen.keys("q", "q")
        assert screen.status() == 0


def test_hostile_text_keeps_the_columns(program):
    labels = ["日本語の電話機です", "\x1b[2J\x1b[31mred", "שלום עולם", "e\u0301cole\u202e\nx", "👨\u200d👩\u200d👧 family"]
    with Gateway(program) as gateway:
        for number, label in enumerate(labels):
            gateway.run("phones", "add", f"+1202555010{number}", "--label", "plain", "--rate", "7")
            # No command takes such labels; something else that writes to the database may.
            gateway.execute("UPDATE phone SET label = ? WHERE number = ?", label, f"+1202555010{number}")
        with Screen(gateway.editor(), columns=140, rows=30) as screen:
            screen.wait(r"\+12025550104")
            rows = [row for row in screen.rows() if "+1202555010" in row]
            assert len(rows) == 5
            shown = "".join(rows)
            assert "日本語" in shown and "שלום" in shown and "␛[2J␛[31mred" in shown
            assert "\u202e" not in shown and "�␤x" in shown
            places = {columns(row[:row.rindex(" 7 ")]) for row in rows}
            assert len(places) == 1, "\n".join(rows)


def columns(text):
    """Columns as tmux counts them, for the characters of this test."""
    wide = sum(1 for c in text if "\u3000" <= c <= "\u9fff" or c >= "\U0001f300")
    marks = sum(1 for c in text if "\u0300" <= c <= "\u036f")
    return len(text) + wide - marks


def test_alerts_have_no_schedule(program):
    with Gateway(program) as gateway, Screen(gateway.editor(ALERTS)) as screen:
        screen.wait("Alerts")
        screen.keys("q", "q")
        assert screen.status() == 0
