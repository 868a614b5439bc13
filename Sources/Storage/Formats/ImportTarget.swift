import Foundation
import Scheduling

extension Store {
  /// Imports files into the database at `path`, as ``bring(_:stamp:isDryRun:seed:)`` does.
  ///
  /// Where there is none it is made under another name and gets this one when it is complete; so one that
  /// fails, is interrupted or is killed leaves none. A dry run makes none at all.
  package static func bring(
    _ files: ImportFiles, intoFile path: String, stamp: Stamp, isDryRun: Bool, seed: UInt64,
    zones: any TimeZoneSource
  ) throws -> ImportSummary {
    switch try StoreFile(path: path).look() {
    case .file:
      return try open(path, for: .write, zones: zones).bring(
        files, stamp: stamp, isDryRun: isDryRun, seed: seed)
    case .missing, .empty:
      if isDryRun { return try inMemory(zones: zones).bring(files, stamp: stamp, isDryRun: true, seed: seed) }
    }
    let draft = StoreFile(path: "\(path).import-\(getpid())-\(seed)")
    defer { draft.remove() }
    let store = try open(draft.path, for: .create, zones: zones)
    let summary = try store.bring(files, stamp: stamp, isDryRun: false, seed: seed)
    try store.translatingErrors { try store.close() }
    guard try take(draft, as: StoreFile(path: path)) else {
      // Somebody else made one meanwhile.
      return try open(path, for: .write, zones: zones).bring(files, stamp: stamp, isDryRun: false, seed: seed)
    }
    return summary
  }

  /// Gives a complete database its name; false if there is another one.
  private static func take(_ draft: StoreFile, as file: StoreFile) throws -> Bool {
    // An empty file, as `mktemp` makes it, is as good as none.
    if case .empty = try file.look() { unlink(file.path) }
    let isTaken = try draft.move(to: file.path)
    file.syncDirectory()
    return isTaken
  }
}
