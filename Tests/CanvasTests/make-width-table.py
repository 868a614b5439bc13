#!/usr/bin/env python3
"""Prints Sources/Canvas/WidthTable.swift: the widths that this machine's C library counts in C.UTF-8.

    python3 Tests/CanvasTests/make-width-table.py > Sources/Canvas/WidthTable.swift

ncurses asks the same C library, so cells that Canvas measures and cells that ncurses draws agree. A
character newer than the table counts one column here; the terminal draws a sign in its place where the
C library of that machine thinks otherwise.
"""

import ctypes
import locale
import unicodedata

locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
wcwidth = ctypes.CDLL("libc.so.6").wcwidth

# Default_Ignorable_Code_Point beyond general category Cf: they draw nothing, so they can hide text.
IGNORABLE = [
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065),
    (0x3164, 0x3164), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF),
]


def kind(code):
    """0 draws on the cell before it, 2 takes two columns, None must not reach a terminal."""
    if 0xD800 <= code <= 0xDFFF or any(low <= code <= high for low, high in IGNORABLE):
        return None
    if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zl", "Zp") or (code & 0xFFFE) == 0xFFFE:
        return None
    width = wcwidth(code)
    return width if width in (0, 2) else 1


def ranges(wanted):
    found = []
    for code in range(0x110000):
        if kind(code) == wanted:
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return found


def literal(name, comment, wanted):
    numbers = [f"0x{code:X}" for pair in ranges(wanted) for code in pair]
    lines, line = [], "   "
    for number in numbers:
        if len(line) + len(number) + 2 > 108:
            lines.append(line)
            line = "   "
        line += f" {number},"
    lines.append(line)
    body = "\n".join(lines)
    return f"  /// {comment}\n  static let {name}: [UInt32] = [\n{body}\n  ]"


print(f"""// Made by Tests/CanvasTests/make-width-table.py (Unicode {unicodedata.unidata_version}); do not edit.

/// Which characters do not take one column: lists of first, last, first, last, … in ascending order.
enum WidthTable {{
{literal("zero", "Draw on the cell before them: combining marks and vowels.", 0)}

{literal("wide", "Take two columns: East Asian wide and fullwidth characters, emoji.", 2)}

{literal("hidden", "Must not reach a terminal: controls, formats, invisible characters.", None)}
}}""")
