/// What Tab makes of a line: the longest beginning that all lines it could become share, then one after another.
struct Completion: Sendable {
  private(set) var candidates: [String] = []
  private var index: Int?

  /// The line in place of `text`; nil if it can become nothing else.
  mutating func next(after text: String, forward: Bool, _ complete: (String) -> [String]) -> String? {
    // One that was taken whole may go on.
    if candidates.count <= 1 {
      (candidates, index) = (complete(text), nil)
      let shared = candidates.dropFirst().reduce(candidates.first ?? "") { Self.sharedPrefix($0, $1) }
      if shared.count > text.count { return shared }
    }
    guard !candidates.isEmpty else { return nil }
    let step = forward ? 1 : -1
    let next =
      index.map { ($0 + step + candidates.count) % candidates.count } ?? (forward ? 0 : candidates.count - 1)
    index = next
    return candidates[next]
  }

  private static func sharedPrefix(_ a: String, _ b: String) -> String {
    String(zip(a, b).prefix { $0 == $1 }.map(\.0))
  }

  /// The candidates as they are listed: without the command and the directory that all of them share.
  var listed: [String] {
    let shared = candidates.dropFirst().reduce(candidates.first ?? "") { Self.sharedPrefix($0, $1) }
    let command = shared.prefix { $0 != " " }.count + 1
    let directory =
      shared.lastIndex(of: "/").map { shared.distance(from: shared.startIndex, to: $0) + 1 } ?? 0
    let start = max(shared.contains(" ") ? command : 0, directory)
    return candidates.map { String($0.dropFirst(start)).trimmingBlanks }
  }
}
