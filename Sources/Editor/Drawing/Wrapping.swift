import Canvas

/// A line in pieces of some columns, broken at blanks where there are some; what goes on is indented as far
/// as the second column of a table, if the line has one.
func wrapped(_ text: String, columns limit: Int) -> [String] {
  guard columns(of: text) > limit, limit > 20 else { return [text] }
  let indent = String(repeating: " ", count: text.contains("  ") && !text.hasPrefix(" ") ? 16 : 2)
  var lines = [""]
  for word in text.split(separator: " ", omittingEmptySubsequences: false) {
    let last = lines[lines.count - 1]
    let joined = last.isEmpty ? String(word) : last + " " + word
    if columns(of: joined) <= limit || last.allSatisfy({ $0 == " " }) {
      lines[lines.count - 1] = joined
    } else {
      lines.append(indent + word)
    }
  }
  return lines
}
