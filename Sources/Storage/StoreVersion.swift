/// A mark that differs from an earlier one if anything was written in between, by whomever.
package struct StoreVersion: Equatable, Sendable {
  /// Numbers that only their engine understands.
  private let marks: [Int64]

  package init(marks: [Int64]) { self.marks = marks }
}

extension Store {
  /// The database's state, for a few microseconds: to be asked for often, and compared.
  package func version() throws -> StoreVersion { try engine.version() }
}
