/// A mark that differs from an earlier one if anything was written in between, by whomever.
package struct StoreVersion: Equatable, Sendable {
  /// Numbers that only their engine understands.
  private let marks: [Int64]
  /// How often this store wrote, where that is known apart from the marks.
  private let own: Int64

  package init(marks: [Int64], own: Int64 = 0) {
    self.marks = marks
    self.own = own
  }

  /// Whether somebody else may have written since an earlier version: certain where the engine tells others'
  /// writes from this store's.
  package func mayHaveOthers(since earlier: StoreVersion) -> Bool { marks != earlier.marks }
}

extension Store {
  /// The database's state, for a few microseconds: to be asked for often, and compared.
  package func version() throws -> StoreVersion { try engine.version() }
}
