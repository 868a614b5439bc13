import Canvas

/// A line in pieces of some columns, broken at blanks where there are some, else wherever the room ends; what
/// goes on is indented.
func wrapped(_ text: String, columns limit: Int, indent: Int = 2) -> [String] {
  guard columns(of: text) > limit, limit > 20 else { return [text] }
  let margin = String(repeating: " ", count: indent)
  var lines = [""]
  for word in text.split(separator: " ", omittingEmptySubsequences: false) {
    let last = lines[lines.count - 1]
    let joined = last.isEmpty ? String(word) : last + " " + word
    if columns(of: joined) <= limit {
      lines[lines.count - 1] = joined
    } else {
      let isBlank = last.allSatisfy { $0 == " " }
      let pieces = cut(word, first: limit - (isBlank ? columns(of: last) : indent), others: limit - indent)
      if isBlank, let first = pieces.first {
        lines[lines.count - 1] = last + first
        lines += pieces.dropFirst().map { margin + $0 }
      } else {
        lines += pieces.map { margin + $0 }
      }
    }
  }
  return lines
}

/// A word in pieces of some columns: one piece if it fits.
private func cut(_ word: Substring, first: Int, others: Int) -> [String] {
  var pieces = [""]
  var used = 0
  for character in word {
    let width = columns(of: String(character))
    if used + width > (pieces.count == 1 ? first : others), used > 0 {
      pieces.append("")
      used = 0
    }
    pieces[pieces.count - 1].append(character)
    used += width
  }
  return pieces
}
