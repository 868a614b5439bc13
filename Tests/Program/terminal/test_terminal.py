"""Terminal manners: sizes, suspending, signals, lost lines, old and dumb terminals."""

import os
import re
import signal

from sample import DESK, Gateway
from pty_screen import Session
from tmux_screen import Screen

SHELL = "bash --norc --noprofile -i"
SHELL_ENVIRONMENT = {"LANG": "C.UTF-8", "PS1": "$ ", "HISTFILE": "", "SWIFT_BACKTRACE": "enable=no"}


def shell_with(gateway, *words):
    """A shell in a terminal, with the editor opened from it."""
    screen = Screen(SHELL, environment=SHELL_ENVIRONMENT)
    screen.wait(r"^\$")
    screen.type(gateway.editor(DESK, *words) + "; echo ended $?")
    screen.keys("Enter")
    screen.wait("Forecast")
    return screen


def job(screen):
    """The process that the shell runs."""
    shell = screen.pid()
    with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as file:
        return int(file.read().split()[0])


def check_restored(screen, status):
    screen.wait(rf"^ended {status}$")
    assert screen.ask("alternate_on") == "0"
    screen.until(lambda: screen.ask("cursor_flag") == "1", "a visible cursor")
    screen.type("stty -a")
    screen.keys("Enter")
    screen.wait(r"\bicanon\b")
    screen.wait(r" echo\b")
    assert not re.search("-icanon| -echo ", screen.text())


def test_sizes(program):
    with Gateway(program) as gateway, Screen(gateway.editor(DESK)) as screen:
        screen.wait("allowed, window")
        screen.keys("Right", "Space")
        screen.wait("unsaved")
        place = screen.wait(r"Every Wednesday: \d\d:\d\d-\d\d:\d\d denied").group()
        for columns, rows in ((140, 45), (60, 15), (200, 60)):
            screen.resize(columns, rows)
            screen.until(lambda: len(screen.rows()[0]) > columns - 12, f"a title over {columns} columns")
            screen.wait(re.escape(place))
        for columns, rows in ((59, 15), (60, 14), (10, 3), (1, 1)):
            screen.resize(columns, rows)
        screen.resize(40, 10)
        screen.wait("(?i)too small")
        screen.resize(80, 24)
        screen.wait(re.escape(place))
        screen.wait("unsaved")


def test_sizes_that_no_terminal_has(program):
    """Some programs set them all the same; nothing is allocated for them, and the work stays."""
    for columns, rows in ((1, 1), (1, 65535), (65535, 1), (65535, 65535)):
        with Gateway(program) as gateway:
            with Session(gateway.arguments("edit", DESK), columns=columns, rows=rows) as line:
                line.drain(0.5)
                line.resize(80, 24)
                line.wait("Forecast")
                line.resize(columns, rows)
                line.drain(0.3)
                # What is waited for is on the new screen alone.
                line.grid.resize(1, 1)
                line.resize(80, 24)
                line.wait("Forecast")
                line.send(" ")
                line.wait(r"\* unsaved")
                assert line.poll() is None


def test_suspend_and_resume(program):
    with Gateway(program) as gateway, shell_with(gateway) as screen:
        screen.keys("Space")
        screen.wait("unsaved")
        screen.keys("C-z")
        screen.wait("Stopped")
        assert screen.ask("alternate_on") == "0"
        screen.resize(100, 30)
        screen.type("fg")
        screen.keys("Enter")
        screen.wait("Forecast")
        screen.until(lambda: len(screen.rows()[0]) > 90, "a title over 100 columns")
        assert screen.ask("alternate_on") == "1"
        screen.keys("u")
        screen.wait_without("unsaved")
        for number in (signal.SIGTSTP, signal.SIGSTOP):
            os.kill(job(screen), number)
            screen.wait(r"Stopped")
            screen.type("clear; fg")
            screen.keys("Enter")
            screen.wait("Forecast")
        screen.keys("q", "q")
        # Only the stopped command is the job, not the rest of its line.
        screen.type("echo ended $?")
        screen.keys("Enter")
        check_restored(screen, 0)


def test_signals_restore_and_keep_the_draft(program):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGUSR1):
        with Gateway(program) as gateway:
            with shell_with(gateway) as screen:
                screen.keys("Space")
                screen.wait("unsaved")
                os.kill(job(screen), number)
                check_restored(screen, r"\d+")
            check_draft_is_offered(gateway)


def check_draft_is_offered(gateway):
    with Screen(gateway.editor(DESK)) as screen:
        screen.wait("(?i)unsaved work")
        screen.keys("c")
        screen.wait("Continued: Wed 10:30-11:00 removed")


def test_a_crash_restores(program):
    for number in (signal.SIGSEGV, signal.SIGILL, signal.SIGABRT):
        with Gateway(program) as gateway, shell_with(gateway) as screen:
            os.kill(job(screen), number)
            check_restored(screen, 128 + number)


def test_a_lost_line_ends_it_and_keeps_the_draft(program):
    with Gateway(program) as gateway:
        with Session(gateway.arguments("edit", DESK)) as line:
            line.wait("Forecast")
            line.drain()
            line.send(" ")
            line.wait("denied")
            line.wait("unsaved")
            line.hang_up()
            assert line.end() is not None
        check_draft_is_offered(gateway)


def test_redraw(program):
    with Gateway(program) as gateway, Screen(gateway.editor(DESK)) as screen:
        screen.wait("allowed, window")
        before = screen.text()
        with open(screen.ask("pane_tty"), "w", encoding="ascii") as terminal:
            terminal.write("\x1b[5;5Hgarbage\x1b[12;1Hmore garbage")
        screen.wait("more garbage")
        screen.keys("C-l")
        screen.until(lambda: screen.text() == before, "the screen without garbage")


def test_idle_sends_nothing(program):
    with Gateway(program) as gateway, Session(gateway.arguments("edit", DESK)) as line:
        line.wait("Forecast")
        line.drain(1.0, longest=10)
        before = line.processor_seconds()
        assert not line.read(3.0)
        assert line.processor_seconds() - before < 0.02


def test_what_an_editor_keeps_wakes_it_no_more(program):
    """Each key is painted, kept as a draft and drawn; after that nothing happens until the next one."""
    with Gateway(program) as gateway, Session(gateway.arguments("edit", DESK)) as line:
        line.wait("Forecast")
        for _ in range(3):
            line.send(" l")
            line.drain(0.5)
        before = voluntary_switches(line.pid)
        keys = 10
        for _ in range(keys):
            line.send("l")
            line.drain(0.2)
        moving = voluntary_switches(line.pid) - before
        before = voluntary_switches(line.pid)
        for _ in range(keys):
            line.send(" ")
            line.drain(0.2)
        painting = voluntary_switches(line.pid) - before
        # The main thread sleeps as often as if nothing were kept.
        assert painting <= moving + keys, f"{painting / keys} times a painted key, {moving / keys} a moving one"


def voluntary_switches(pid):
    """How often the thread of the terminal has gone to sleep."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", file.read(), re.MULTILINE).group(1))


def all_bytes(gateway, environment, *words):
    """What the editor sends on a walk through its screens."""
    with Session(gateway.arguments("edit", *words), environment=environment, record=True) as line:
        line.wait("Desk")
        line.drain()
        for key in ("\r", " ", "l", "v", "j", "\x1b", "f", "?", "\x1b", "\t", "j", "\x1b", "u"):
            line.send(key)
            line.drain(0.15)
        assert len(line.record) > 3000
        return bytes(line.record)


def test_no_color(program):
    with Gateway(program) as gateway:
        sent = all_bytes(gateway, {"NO_COLOR": "1"})
        colors = re.findall(rb"\x1b\[(?:\d+;)*(?:[34][0-79]|9\d|10\d|[34]8;[0-9;]*)m", sent)
        assert set(colors) <= {b"\x1b[39;49m"}, set(colors)
        assert b"\x1b[7m" in sent or b"\x1b[0;7m" in sent or b";7m" in sent
        assert re.search(rb"\x1b\[3[0-8]\b", all_bytes(gateway, {}))


def test_ascii(program):
    with Gateway(program) as gateway:
        gateway.run("phones", "set", DESK, "--label", "Desk – Zürich 日本")
        for environment, words in (({}, ["--ascii"]), ({"LANG": "C"}, []), ({"LANG": "de_DE.ISO-8859-1"}, [])):
            sent = all_bytes(gateway, environment, *words)
            assert all(byte < 0x80 for byte in sent), (environment, words)
            assert b"#" in sent


def test_old_and_unknown_terminals(program):
    with Gateway(program) as gateway:
        for term in ("vt100", "linux", "screen", "xterm"):
            with Screen(gateway.editor(DESK), term=term) as screen:
                screen.wait("Forecast")
                screen.keys("Right", "Space")
                screen.wait("unsaved")
                screen.wait("█.·█··██")
                screen.keys("u")
                screen.wait_without("unsaved")
                screen.keys("q", "q")
                assert screen.status() == 0
        with Screen(gateway.editor(DESK), term="xyz") as screen:
            screen.wait("terminal type xyz is unknown here, drawing as vt100")
        for term in ("dumb", ""):
            with Screen(gateway.editor(DESK), term=term) as screen:
                assert screen.status() != 0
                assert "TERM" in screen.text()


def test_no_terminal(program):
    with Gateway(program) as gateway:
        for redirection, stream in (("</dev/null", "input"), ("| cat", "output")):
            with Screen(f"{gateway.editor(DESK)} {redirection}") as screen:
                screen.status()
                screen.wait(f"standard {stream} is not one")


def test_unknown_keys_do_nothing(program):
    with Gateway(program) as gateway, Screen(gateway.editor(DESK)) as screen:
        screen.wait("Wed 10:30-11:00 allowed")
        for sequence in (b"\x1bOQ", b"\x1b[15~", b"\x1b[?1;2c", b"\x1b]11;rgb:00/00/00\x07", b"\xff\xfe", b"\x1b[I"):
            screen.send_bytes(sequence)
        screen.keys("Right")
        screen.wait("Wed 11:00-11:30 allowed")
        assert "unsaved" not in screen.text()
