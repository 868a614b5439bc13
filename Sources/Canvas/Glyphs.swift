/// The drawing characters, one column each, in Unicode or in plain ASCII.
package struct Glyphs: Sendable {
  package let isASCII: Bool

  /// A slot that is allowed, and one that is denied.
  package let open: String, denied: String
  /// A slot of which only the later part, only the earlier part, or something within is allowed.
  package let partialStart: String, partialEnd: String, partialInside: String
  /// An allowed and a denied slot in a selection, and under the cursor, where a full block would hide its colour.
  package let openSelected: String, deniedSelected: String, openCursor: String, deniedCursor: String
  /// A slot that no hours limit, and one that is painted where the hours are ignored.
  package let unlimited: String, ignored: String
  /// An allowed slot in which nothing goes out.
  package let idle: String
  /// A slot without a wall time (skipped); allowed and denied ones whose wall time comes twice (repeated).
  package let skipped: String, openRepeated: String, deniedRepeated: String
  /// Heights from the lowest to the highest, which is not the sign of an allowed slot.
  package let heat: [String]

  package let horizontal: String, vertical: String
  package let topLeft: String, topRight: String, bottomLeft: String, bottomRight: String

  package let arrowUp: String, arrowDown: String, arrowLeft: String, arrowRight: String
  /// The selected row.
  package let pointer: String
  package let check: String
  /// A phone that may send now, and one that may not.
  package let marked: String, unmarked: String
  /// A phone that is held; something that may go wrong.
  package let hold: String, warning: String
  package let ellipsis: String, dash: String

  /// A change that is not saved; a date with hours of its own.
  package let unsaved: String, exception: String

  package static let unicode = Glyphs(
    isASCII: false,
    open: "█", denied: "·", partialStart: "▐", partialEnd: "▌", partialInside: "▒",
    openSelected: "▓", deniedSelected: "░", openCursor: "■", deniedCursor: "·",
    unlimited: "═", ignored: "≡", idle: "□", skipped: "╳", openRepeated: "╪", deniedRepeated: "╎",
    heat: ["▁", "▂", "▃", "▄", "▅", "▆", "▇"],
    horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
    arrowUp: "↑", arrowDown: "↓", arrowLeft: "←", arrowRight: "→", pointer: "▸", check: "✓", marked: "●",
    unmarked: "○",
    hold: "!", warning: "▲",
    ellipsis: "…", dash: "–", unsaved: "*", exception: "◆")

  package static let ascii = Glyphs(
    isASCII: true,
    open: "#", denied: ".", partialStart: "[", partialEnd: "]", partialInside: "%",
    openSelected: "=", deniedSelected: "_", openCursor: "@", deniedCursor: ".",
    unlimited: ":", ignored: ";", idle: "/", skipped: "x", openRepeated: "H", deniedRepeated: "h",
    // No digits, which would be read as counts.
    heat: ["A", "B", "C", "D", "E", "F"],
    horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
    arrowUp: "^", arrowDown: "v", arrowLeft: "<", arrowRight: ">", pointer: ">", check: "+", marked: "Y",
    unmarked: "N",
    hold: "!", warning: "W",
    ellipsis: "~", dash: "-", unsaved: "*", exception: "&")
}
