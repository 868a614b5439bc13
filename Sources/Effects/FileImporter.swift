import Editor
import Formats
import Scheduling
import Storage

/// Something that lasts: it may be done apart from everything else, with a store of its own.
package protocol LongWork: Sendable {
  var store: Store { get set }
}

/// Imports a file into a database for the editor.
package struct FileImporter: LongWork {
  package var store: Store
  let isReadOnly: Bool
  let stamp: @Sendable (Instant) -> Stamp

  /// Imports a file, or says what that would do; a sentence that sums up what was imported, nil if nothing was.
  package func run(_ path: String, isDryRun: Bool, _ call: Call) throws -> String? {
    guard !isReadOnly else { throw StoreError.readOnly(path: store.path) }
    let full = try store.pathToRead(path)
    do {
      let step = ImportStep(path: path, isDryRun: isDryRun, stage: .waiting)
      let input = try ImportInput(path: full, monitor: monitor(step, size: PathNames.size(full), call))
      let summary = try store.importFiles(
        ImportFiles([input]), ImportOptions(stamp: stamp(call.now), isDryRun: isDryRun),
        progress: progress(step, call))
      if !isDryRun { return summary.sentence }
      call.post(.importChecked(path: path, lines: summary.lines))
    } catch StoreError.interrupted {
      call.post(.importStopped)
    }
    return nil
  }

  /// Tells how far a file is read, a hundred times at most, and ends its import when nobody wants it any more.
  private func monitor(_ step: ImportStep, size: Int, _ call: Call) -> ImportInput.Monitor {
    var step = step
    var (read, told) = (0, 0)
    return { bytes in
      if !call.isWanted() { throw StoreError.interrupted }
      read += bytes
      guard read - told > size / 100 || read >= size && told < size else { return }
      told = read
      step.stage = .reading(min(read, size), of: size)
      call.post(.importing(step))
    }
  }

  /// Tells how far the import is then, which can be stopped until it has taken place.
  private func progress(_ step: ImportStep, _ call: Call) -> (ImportProgress) throws -> Void {
    var step = step
    return { progress in
      switch progress {
      case .waiting:
        if !call.isWanted() { throw StoreError.interrupted }
        step.stage = .waiting
      case .queued(let count, let all): step.stage = .queued(count, of: all)
      }
      call.post(.importing(step))
    }
  }
}

extension Store {
  /// Where a file is that may be read; throws ``ImportProblem`` for what is no ordinary file.
  fileprivate func pathToRead(_ path: String) throws -> String {
    let full = PathNames.expanded(path)
    guard full != "-", PathNames.isFile(full) else {
      throw ImportProblem(file: path, expected: "is no ordinary file", exitCode: 66)
    }
    try refuseOwnFiles(full)
    return full
  }
}

extension EffectPerformer {
  /// Reads the dates that a calendar closes.
  func readHolidays(_ path: String, forPhone phoneID: String, _ call: Call) throws {
    let input = try ImportInput(path: store.pathToRead(path))
    let lastYear = CivilTime(local: call.now).year + CalendarDates.yearsAhead
    let calendar = try CalendarDates.read(input, through: lastYear)
    guard !calendar.dates.isEmpty else { throw ImportProblem(of: calendar, in: path) }
    call.post(
      .holidays(
        Holidays(phoneID: phoneID, path: path, dates: calendar.dates, remark: calendar.timedInWords)))
  }
}
