/// The drawing characters, one column each, in Unicode or in plain ASCII.
package struct Glyphs: Sendable {
  package let isASCII: Bool

  /// A slot that is allowed, and one that is denied.
  package let open: String, denied: String
  /// A slot of which only the later part, only the earlier part, or something within is allowed.
  package let partialStart: String, partialEnd: String, partialInside: String
  /// An allowed and a denied slot in a selection, and under the cursor, where a full block would hide its colour.
  package let openSelected: String, deniedSelected: String, openCursor: String, deniedCursor: String
  /// A slot without a wall time (skipped), and one whose wall time comes twice (repeated).
  package let skipped: String, repeated: String
  /// Eight heights from the lowest to the full cell.
  package let heat: [String]

  package let horizontal: String, vertical: String
  package let topLeft: String, topRight: String, bottomLeft: String, bottomRight: String
  package let teeLeft: String, teeRight: String, teeTop: String, teeBottom: String, crossing: String

  package let arrowUp: String, arrowDown: String, arrowLeft: String, arrowRight: String
  /// Solid triangles: more above or below, the selected row, now on the time axis.
  package let moreAbove: String, moreBelow: String, pointer: String, now: String
  package let check: String, cross: String, bullet: String, ring: String, marked: String, unmarked: String
  package let ellipsis: String, dash: String, dot: String, times: String
  /// A change that is not saved; a scroll bar's thumb and track.
  package let unsaved: String, thumb: String, track: String

  package static let unicode = Glyphs(
    isASCII: false,
    open: "█", denied: "·", partialStart: "▐", partialEnd: "▌", partialInside: "▒",
    openSelected: "▓", deniedSelected: "░", openCursor: "■", deniedCursor: "·",
    skipped: "╳", repeated: "╪", heat: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
    teeLeft: "├", teeRight: "┤", teeTop: "┬", teeBottom: "┴", crossing: "┼",
    arrowUp: "↑", arrowDown: "↓", arrowLeft: "←", arrowRight: "→",
    moreAbove: "▲", moreBelow: "▼", pointer: "▸", now: "▾",
    check: "✓", cross: "✗", bullet: "•", ring: "○", marked: "●", unmarked: "○",
    ellipsis: "…", dash: "–", dot: "·", times: "×", unsaved: "●", thumb: "█", track: "│")

  package static let ascii = Glyphs(
    isASCII: true,
    open: "#", denied: ".", partialStart: ">", partialEnd: "<", partialInside: "%",
    openSelected: "@", deniedSelected: ":", openCursor: "#", deniedCursor: ".",
    skipped: "x", repeated: "2", heat: ["1", "2", "3", "4", "5", "6", "7", "8"],
    horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
    teeLeft: "+", teeRight: "+", teeTop: "+", teeBottom: "+", crossing: "+",
    arrowUp: "^", arrowDown: "v", arrowLeft: "<", arrowRight: ">",
    moreAbove: "^", moreBelow: "v", pointer: ">", now: "v",
    check: "+", cross: "x", bullet: "*", ring: "o", marked: "*", unmarked: "-",
    ellipsis: "~", dash: "-", dot: ".", times: "x", unsaved: "*", thumb: "#", track: "|")
}
