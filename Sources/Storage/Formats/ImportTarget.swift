import Foundation
import Scheduling

extension Store {
  /// Imports files into the database at `path`, as ``bring(_:stamp:isDryRun:seed:)`` does.
  ///
  /// Where there is none it is made under another name and gets this one when it is complete; so one that
  /// fails, is interrupted or is killed leaves none. A dry run makes none at all.
  package static func bring(
    _ files: ImportFiles, intoFile path: String, stamp: Stamp, isDryRun: Bool, seed: UInt64
  ) throws -> ImportSummary {
    switch try StoreFile(path: path).look() {
    case .file:
      return try open(path, for: .write).bring(files, stamp: stamp, isDryRun: isDryRun, seed: seed)
    case .missing, .empty:
      if isDryRun { return try inMemory().bring(files, stamp: stamp, isDryRun: true, seed: seed) }
    }
    let summary = try create(at: path) { store in
      try store.bring(files, stamp: stamp, isDryRun: false, seed: seed)
    }
    if let summary { return summary }
    // Somebody else made one meanwhile.
    return try open(path, for: .write).bring(files, stamp: stamp, isDryRun: false, seed: seed)
  }
}
