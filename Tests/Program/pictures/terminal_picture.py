"""Draws a terminal's screen as a picture: the output of `tmux capture-pane -e -N`, cell by cell.

Blocks, shades and lines are drawn as shapes, so that neighbouring cells join without gaps; all other
characters come from DejaVu Sans Mono, or from the next font that has them.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = 28
WIDTH, HEIGHT = 17, 34
MARGIN, BAR, BORDER = 22, 46, 16

BACKGROUND, FOREGROUND = (22, 24, 29), (200, 204, 212)
THEME = [
    "1b1e24", "d16969", "7fb07a", "e0af4f", "5f87c7", "b07cc0", "3fa7a0", "c8ccd4",
    "6b7280", "e08080", "9bd08f", "f0c674", "82a8e8", "cda0dc", "66c9c0", "f2f4f8",
]
FONTS = Path("/usr/share/fonts/truetype")
REGULAR = ["dejavu/DejaVuSansMono.ttf", "dejavu/DejaVuSans.ttf", "wqy/wqy-zenhei.ttc"]
BOLD = ["dejavu/DejaVuSansMono-Bold.ttf", "dejavu/DejaVuSans-Bold.ttf", "wqy/wqy-zenhei.ttc"]


def color(index):
    """A colour of the palette of 256."""
    if index < 16:
        text = THEME[index]
        return tuple(int(text[i:i + 2], 16) for i in (0, 2, 4))
    if index < 232:
        levels = [0, 95, 135, 175, 215, 255]
        index -= 16
        return (levels[index // 36], levels[index // 6 % 6], levels[index % 6])
    return (8 + (index - 232) * 10,) * 3


def mix(a, b, share):
    return tuple(round(x * share + y * (1 - share)) for x, y in zip(a, b))


class Pen:
    """The attributes that SGR sequences have set."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.fg = self.bg = None
        self.bold = self.dim = self.reverse = self.underline = False

    def apply(self, parameters):
        numbers = [int(part or 0) for part in re.split("[;:]", parameters)]
        while numbers:
            number = numbers.pop(0)
            if number == 0:
                self.reset()
            elif number in (38, 48):
                value = self.extended(numbers)
                if number == 38:
                    self.fg = value
                else:
                    self.bg = value
            elif number in (1, 2, 4, 7):
                setattr(self, {1: "bold", 2: "dim", 4: "underline", 7: "reverse"}[number], True)
            elif number == 22:
                self.bold = self.dim = False
            elif number in (24, 27):
                setattr(self, {24: "underline", 27: "reverse"}[number], False)
            elif 30 <= number <= 37 or 90 <= number <= 97:
                self.fg = color(number - 30 if number < 90 else number - 82)
            elif 40 <= number <= 47 or 100 <= number <= 107:
                self.bg = color(number - 40 if number < 100 else number - 92)
            elif number == 39:
                self.fg = None
            elif number == 49:
                self.bg = None

    @staticmethod
    def extended(numbers):
        if numbers.pop(0) == 5:
            return color(numbers.pop(0))
        value = tuple(numbers[:3])
        del numbers[:3]
        return value

    def colors(self):
        fg, bg = self.fg or FOREGROUND, self.bg or BACKGROUND
        if self.reverse:
            fg, bg = bg, fg
        return (mix(fg, bg, 0.6) if self.dim else fg), bg


@lru_cache(maxsize=None)
def font(name):
    return ImageFont.truetype(str(FONTS / name), SIZE) if (FONTS / name).exists() else None


@lru_cache(maxsize=None)
def font_for(character, bold):
    """The first font that draws the character as something else than a missing one."""
    names = [name for name in (BOLD if bold else REGULAR) if font(name)]
    if not names:
        raise SystemExit("no font found; expected the Debian package fonts-dejavu-core")
    for name in names:
        missing = bytes(font(name).getmask("\U0010FFFE"))
        if bytes(font(name).getmask(character)) != missing:
            return font(name)
    return font(names[0])


# Light lines from the middle of a cell: left, right, up, down.
LINES = {
    "─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "udr", "┤": "udl", "┬": "lrd", "┴": "lru",
    "┼": "lrud", "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu", "╴": "l", "╶": "r", "╵": "u", "╷": "d",
}
SHADES = {"░": 0.28, "▒": 0.5, "▓": 0.72}


def block(character):
    """A block element as (left, top, right, bottom) in eighths of a cell."""
    code = ord(character)
    if code == 0x2580:
        return (0, 0, 8, 4)
    if 0x2581 <= code <= 0x2588:
        return (0, 8 - (code - 0x2580), 8, 8)
    if 0x2589 <= code <= 0x258F:
        return (0, 0, 8 - (code - 0x2588), 8)
    if code == 0x2590:
        return (4, 0, 8, 8)
    return (0, 0, 8, 1) if code == 0x2594 else (7, 0, 8, 8) if code == 0x2595 else None


def draw_cell(draw, x, y, width, character, marks, look):
    fg, bg, is_bold, is_underlined = look
    right, bottom = x + width - 1, y + HEIGHT - 1
    shape = block(character)
    if shape:
        left, top, end, low = shape
        # Not above the middle of eighths: the same edges in every cell.
        box = (x + left * width // 8, y + top * HEIGHT // 8, x + end * width // 8 - 1, y + low * HEIGHT // 8 - 1)
        draw.rectangle(box, fill=fg)
    elif character in SHADES:
        draw.rectangle((x, y, right, bottom), fill=mix(fg, bg, SHADES[character]))
    elif character in LINES:
        draw_lines(draw, x, y, LINES[character], fg)
    elif character not in (" ", ""):
        face = font_for(character, is_bold)
        space = width - draw.textlength(character, font=face)
        draw.text((x + max(0, space / 2), y + 1), character + marks, font=face, fill=fg)
    if is_underlined:
        draw.rectangle((x, y + HEIGHT - 4, right, y + HEIGHT - 3), fill=fg)


def draw_lines(draw, x, y, directions, fg):
    middle_x, middle_y = x + WIDTH // 2, y + HEIGHT // 2
    ends = {
        "l": (x, middle_y, middle_x + 1, middle_y + 1), "r": (middle_x, middle_y, x + WIDTH - 1, middle_y + 1),
        "u": (middle_x, y, middle_x + 1, middle_y + 1), "d": (middle_x, middle_y, middle_x + 1, y + HEIGHT - 1),
    }
    for direction in directions:
        draw.rectangle(ends[direction], fill=fg)


def columns_of(character):
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cells(line, pen):
    """The cells of a captured row as (character, marks, columns), while the pen follows its colours."""
    index = 0
    while index < len(line):
        sequence = re.compile(r"\x1b\[([0-9;:]*)m|\x1b[()][A-Z0-9]|[\x0e\x0f]").match(line, index)
        if sequence:
            if sequence.group(1) is not None:
                pen.apply(sequence.group(1))
            index = sequence.end()
            continue
        character = line[index]
        index += 1
        marks = ""
        while index < len(line) and line[index] >= " " and columns_of(line[index]) == 0:
            marks += line[index]
            index += 1
        yield character, marks, max(1, columns_of(character))


def picture(captured, columns, rows, title, cursor=None):
    """The screen as an image, in a small window; cursor is (column, row) or None."""
    inner_width, inner_height = columns * WIDTH, rows * HEIGHT
    width = inner_width + 2 * (MARGIN + BORDER)
    height = inner_height + 2 * MARGIN + BAR + BORDER
    image = Image.new("RGB", (width, height), (243, 244, 246))
    draw = ImageDraw.Draw(image)
    window = (MARGIN, MARGIN, width - MARGIN - 1, height - MARGIN - 1)
    draw.rounded_rectangle(window, radius=14, fill=BACKGROUND, outline=(58, 62, 70), width=2)
    for number, dot in enumerate(((214, 105, 105), (224, 175, 79), (127, 176, 122))):
        left, top = MARGIN + 20 + number * 28, MARGIN + 16
        draw.ellipse((left, top, left + 15, top + 15), fill=dot)
    caption = ImageFont.truetype(str(FONTS / REGULAR[0]), 20)
    place = (width / 2 - draw.textlength(title, font=caption) / 2, MARGIN + 11)
    draw.text(place, title, font=caption, fill=(139, 144, 155))

    drawn = list(placed_cells(captured, columns, rows, cursor))
    # Backgrounds first: letters may reach into the row below.
    for x, y, count, _, _, look in drawn:
        draw.rectangle((x, y, x + count * WIDTH - 1, y + HEIGHT - 1), fill=look[1])
    for x, y, count, character, marks, look in drawn:
        draw_cell(draw, x, y, count * WIDTH, character, marks, look)
    return image


def placed_cells(captured, columns, rows, cursor):
    """All cells as (x, y, columns, character, marks, (ink, ground, bold, underlined))."""
    pen = Pen()
    for row, line in enumerate(captured.split("\n")[:rows]):
        column = 0
        for character, marks, count in cells(line, pen):
            if column + count > columns:
                break
            fg, bg = pen.colors()
            if cursor == (column, row):
                fg, bg = bg, fg
            look = (fg, bg, pen.bold, pen.underline)
            yield MARGIN + BORDER + column * WIDTH, MARGIN + BAR + row * HEIGHT, count, character, marks, look
            column += count
