import Scheduling

extension Store {
  /// Imports files into the database at `path`, as ``importFiles(_:_:)`` does.
  ///
  /// Where there is none it gets its name when it is complete; so an import that fails, is interrupted or is killed
  /// leaves none. A dry run makes none at all.
  package static func importFiles(
    _ files: ImportFiles, intoFile path: String, _ options: ImportOptions, zones: any TimeZoneSource,
    progress: (ImportProgress) throws -> Void = { _ in }
  ) throws -> ImportSummary {
    if isOnServer(path) {
      do {
        return try open(path, for: .write, zones: zones).importFiles(files, options, progress: progress)
      } catch StoreError.empty {
        if options.isDryRun {
          return try inMemory(zones: zones).importFiles(files, options, progress: progress)
        }
        return try open(path, for: .create, zones: zones).importFiles(files, options, progress: progress)
      }
    }
    let file = StoreFile(path: path)
    switch try file.look() {
    case .file: break
    case .deadLink: throw file.cannotFollowLink
    case .missing, .empty:
      if options.isDryRun {
        return try inMemory(zones: zones).importFiles(files, options, progress: progress)
      }
      let summary = try create(at: path, zones: zones) {
        try $0.importFiles(files, options, progress: progress)
      }
      // Nil: somebody else made one meanwhile, and these files go into that.
      if let summary { return summary }
    }
    return try open(path, for: .write, zones: zones).importFiles(files, options, progress: progress)
  }
}
