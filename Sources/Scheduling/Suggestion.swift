/// The known name that somebody may have meant.
package enum Suggestion {
  /// The name nearest to a mistyped one, to be proposed in an error; nil if none is near.
  ///
  /// Case, blanks and punctuation do not count. The last part of a name with slashes may stand for it all
  /// (`tallinn` for `Europe/Tallinn`), and so may its beginning, of three characters or more.
  package static func nearest(to name: String, among names: some Sequence<String>) -> String? {
    let wanted = folded(name)
    guard !wanted.isEmpty else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in names {
      let most = best.map { $0.distance - 1 } ?? tolerance(wanted.count)
      guard most >= 0 else { break }
      if let distance = distance(wanted, candidate, most: most) { best = (candidate, distance) }
    }
    return best?.name
  }

  /// All known names that are near a mistyped one, the nearest first.
  package static func near(_ name: String, among names: some Sequence<String>) -> [String] {
    let wanted = folded(name)
    guard !wanted.isEmpty else { return [] }
    let found = names.enumerated().compactMap { place, candidate in
      distance(wanted, candidate, most: tolerance(wanted.count)).map {
        (name: candidate, distance: $0, place: place)
      }
    }
    return found.sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }.map(\.name)
  }

  /// How many mistakes a name of some length may have.
  private static func tolerance(_ length: Int) -> Int { length < 3 ? 0 : length < 6 ? 1 : length < 9 ? 2 : 3 }

  private static func distance(_ wanted: [Character], _ candidate: String, most: Int) -> Int? {
    // Folding costs more than all else, and leaves no text longer than it was.
    guard wanted.count <= candidate.utf8.count + most else { return nil }
    let whole = folded(candidate)
    var forms = [whole]
    if candidate.contains("/"), let last = candidate.split(separator: "/").last {
      forms.append(folded(String(last)))
    }
    if wanted.count >= 3, most >= 1, whole.starts(with: wanted) {
      return whole.count == wanted.count ? 0 : 1
    }
    return forms.compactMap { edits(wanted, $0, most: most) }.min()
  }

  private static func folded(_ name: String) -> [Character] {
    name.lowercased().filter { $0.isLetter || $0.isNumber }.map { $0 }
  }

  /// Characters left out, added, changed or swapped with the next between two names; nil if more than `most`.
  static func edits(_ a: [Character], _ b: [Character], most: Int) -> Int? {
    guard abs(a.count - b.count) <= most else { return nil }
    var before: [Int] = []
    var last = Array(0...b.count)
    for row in 1..<a.count + 1 {
      var next = [row]
      next.reserveCapacity(b.count + 1)
      for column in 1..<b.count + 1 {
        let isSame = a[row - 1] == b[column - 1]
        var edits = min(last[column] + 1, next[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
        if row > 1, column > 1, a[row - 1] == b[column - 2], a[row - 2] == b[column - 1] {
          edits = min(edits, before[column - 2] + 1)
        }
        next.append(edits)
      }
      if (next.min() ?? 0) > most { return nil }
      (before, last) = (last, next)
    }
    return last[b.count] <= most ? last[b.count] : nil
  }
}
