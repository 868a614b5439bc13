import Scheduling

extension Store {
  /// Imports files into the database at `path`, as ``importFiles(_:_:)`` does.
  ///
  /// Where there is none it gets its name when it is complete; so an import that fails, is interrupted or is killed
  /// leaves none. A dry run makes none at all.
  package static func importFiles(
    _ files: ImportFiles, intoFile path: String, _ options: ImportOptions, zones: any TimeZoneSource
  ) throws -> ImportSummary {
    switch try StoreFile(path: path).look() {
    case .file: break
    case .missing, .empty:
      if options.isDryRun { return try inMemory(zones: zones).importFiles(files, options) }
      if let summary = try create(at: path, zones: zones, { try $0.importFiles(files, options) }) { return summary }
    // Somebody else made one meanwhile.
    }
    return try open(path, for: .write, zones: zones).importFiles(files, options)
  }
}
