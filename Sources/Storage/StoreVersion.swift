import GRDB
import Synchronization

/// A mark that differs from an earlier one if anything was written in between, by whomever.
package struct StoreVersion: Equatable, Sendable {
  fileprivate var others: Int64
  fileprivate var own: Int64
  fileprivate var file: FileMark?
}

extension Store {
  /// The file's state, for a few microseconds: to be asked for often, and compared.
  package func version() throws -> StoreVersion {
    try translatingErrors {
      let others = try queue.unsafeRead { db in
        try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA data_version")) ?? 0
      }
      return StoreVersion(others: others, own: ownWrites.load(ordering: .relaxed), file: fileMark)
    }
  }
}
