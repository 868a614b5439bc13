/// The drawing characters, one column each, in Unicode or in plain ASCII.
package struct Glyphs: Sendable {
  package let isASCII: Bool

  /// A slot that is allowed, and one that is denied.
  package let open: String, denied: String
  /// A slot of which only the later part, only the earlier part, or something within is allowed.
  package let partialStart: String, partialEnd: String, partialInside: String
  /// An allowed and a denied slot in a selection, and under the cursor, where a full block would hide its colour.
  package let openSelected: String, deniedSelected: String, openCursor: String, deniedCursor: String
  /// A slot that no schedule limits, and one that is allowed and in which nothing goes out.
  package let unlimited: String, idle: String
  /// A slot without a wall time (skipped); allowed and denied ones whose wall time comes twice (repeated).
  package let skipped: String, openRepeated: String, deniedRepeated: String
  /// Eight heights from the lowest to the full cell.
  package let heat: [String]

  package let horizontal: String, vertical: String
  package let topLeft: String, topRight: String, bottomLeft: String, bottomRight: String

  package let arrowDown: String, arrowLeft: String, arrowRight: String
  /// The selected row.
  package let pointer: String
  package let check: String, marked: String, unmarked: String
  package let ellipsis: String, dash: String, dot: String
  /// A change that is not saved.
  package let unsaved: String

  package static let unicode = Glyphs(
    isASCII: false,
    open: "█", denied: "·", partialStart: "▐", partialEnd: "▌", partialInside: "▒",
    openSelected: "▓", deniedSelected: "░", openCursor: "■", deniedCursor: "·",
    unlimited: "░", idle: "░", skipped: "╳", openRepeated: "╪", deniedRepeated: "╎",
    heat: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
    arrowDown: "↓", arrowLeft: "←", arrowRight: "→", pointer: "▸", check: "✓", marked: "●", unmarked: "○",
    ellipsis: "…", dash: "–", dot: "·", unsaved: "●")

  package static let ascii = Glyphs(
    isASCII: true,
    open: "#", denied: ".", partialStart: ">", partialEnd: "<", partialInside: "%",
    openSelected: "=", deniedSelected: "-", openCursor: "@", deniedCursor: ".",
    unlimited: ":", idle: "0", skipped: "x", openRepeated: "H", deniedRepeated: ":",
    heat: ["1", "2", "3", "4", "5", "6", "7", "8"],
    horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
    arrowDown: "v", arrowLeft: "<", arrowRight: ">", pointer: ">", check: "+", marked: "*", unmarked: "-",
    ellipsis: "~", dash: "-", dot: ".", unsaved: "*")
}
