/// How many columns the text takes on a canvas, as ``Canvas/write(_:row:column:width:style:)`` draws it.
package func columns(of text: String) -> Int {
  if isPrintableASCII(text) { return text.utf8.count }
  var columns = 0
  forEachCell(of: text) { _, width in
    columns += width
    return true
  }
  return columns
}

/// The text without anything that could move the cursor, change the terminal, reorder or hide text.
///
/// Controls, escape characters and line ends become their visible signs (`␛`, `␤`); characters that
/// reorder or hide text, or draw nothing, become `�`; variation selectors and emoji joiners, which
/// terminals measure differently, are dropped. Letters of right-to-left scripts stay, in logical order.
/// Where the terminal has no Unicode, `ascii` leaves printable ASCII alone.
package func harmless(_ text: String, ascii: Bool = false) -> String {
  if isPrintableASCII(text) { return text }
  var result = ""
  result.reserveCapacity(text.utf8.count)
  forEachCell(of: text) { cell, width in
    if ascii { result += asciiFallback(of: cell.text, columns: width) } else { cell.appendTo(&result) }
    return true
  }
  return result
}

/// The text cut to a number of columns, with a sign at its end where something is missing.
package func clipped(_ text: String, columns limit: Int, ellipsis: String = "…") -> String {
  guard limit > 0 else { return "" }
  guard isWider(text, than: limit) else { return harmless(text) }
  let room = limit - columns(of: ellipsis)
  var result = ""
  var used = 0
  forEachCell(of: text) { cell, width in
    guard used + width <= room else { return false }
    cell.appendTo(&result)
    used += width
    return true
  }
  return result + ellipsis
}

/// The text cut or filled up with blanks to exactly so many columns.
package func padded(
  _ text: String, columns limit: Int, alignedRight: Bool = false, ellipsis: String = "…"
) -> String {
  let text = clipped(text, columns: limit, ellipsis: ellipsis)
  let blanks = String(repeating: " ", count: max(0, limit - columns(of: text)))
  return alignedRight ? blanks + text : text + blanks
}

/// Looks no further than it has to: a message may be long.
private func isWider(_ text: String, than limit: Int) -> Bool {
  if text.utf8.count <= limit, isPrintableASCII(text) { return false }
  var used = 0
  forEachCell(of: text) { _, width in
    used += width
    return used <= limit
  }
  return used > limit
}

private func isPrintableASCII(_ text: String) -> Bool {
  text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
}
