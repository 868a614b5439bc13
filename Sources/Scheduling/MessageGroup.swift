/// The messages of a phone that do not wait, by what became of them.
package enum MessageGroup: String, Sendable, CaseIterable {
  /// Also those whose last claim nobody reported on in time.
  case failed
  /// Handed out, and neither reported on nor lapsed.
  case claimed
  /// Also those that are known to be delivered.
  case sent
  case canceled
}
