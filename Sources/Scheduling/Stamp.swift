/// Who saves something, from where, and when.
package struct Stamp: Equatable, Sendable {
  /// The login name; behind sudo, that of the user who called it.
  package var author: String
  /// The address that the SSH connection came from; nil for somebody at the machine.
  package var origin: String?
  package var at: Instant
  /// Whether `at` is only when the work was begun: what is kept is when its transaction began, which may have had
  /// to wait.
  package var isBegun: Bool

  package init(author: String, origin: String? = nil, at: Instant, isBegun: Bool = false) {
    self.author = author
    self.origin = origin
    self.at = at
    self.isBegun = isBegun
  }
}
