import Scheduling

/// Why the store could not do what was asked; each case knows its sysexits code.
package enum StoreError: Error, Equatable, Sendable {
  // The file
  /// The file was written by a newer version of this program.
  case newerVersion(path: String)
  /// The database was made by an older version, and may not be brought to this one by whoever opens it.
  case olderVersion(path: String)
  /// Only a file has this; what a server has for it.
  case onServer(path: String, instead: String)
  /// The file holds something else; `found` says what it looks like.
  case notOurs(path: String, found: String)
  case isDirectory(path: String)
  case missing(path: String)
  /// A database on a server in which nobody made the schema.
  case empty(path: String)
  /// What stands there is a symbolic link to a file that is not there.
  case deadLink(path: String)
  case noPermission(path: String, to: String)
  case readOnly(path: String)
  /// It is the database that is open itself.
  case inUse(path: String)
  case cannotCreate(path: String, reason: String)
  case alreadyExists(path: String)
  case diskFull(path: String)
  case inputOutput(path: String, reason: String)
  case damaged(path: String, reason: String)
  case busy(path: String)
  /// Whoever waited for another program did not want to wait any longer.
  case waitEnded(path: String)
  /// The file was moved, deleted or replaced while it was open.
  case replaced(path: String)
  case interrupted
  /// An import took place, but its messages do not all stand in their queues yet.
  case unfinishedImport(path: String, reason: String)
  /// SQLite refused for a reason that none of the above names.
  case failed(path: String, reason: String)

  // What was asked for
  case unknownPhone(String)
  case unknownSchedule(String)
  case unknownMessage(String)
  case unknownRevision(schedule: String, number: Int)
  /// Several schedules have this name.
  case ambiguousSchedule(name: String, ids: [String])
  /// The server does not answer, or lets nobody in.
  case unreachable(place: String, reason: String)
  /// A library of the system that is loaded when it is needed is not there.
  case missingLibrary(name: String, package: String, reason: String)
  case phoneExists(String)
  case scheduleExists(String)
  case messageExists(String)
  case messageForgotten(String)
  /// The clock of a schedule's time zone is not known.
  case timeZone(schedule: String, TimeZoneError)
  /// A value that cannot be stored: its field, and what was expected.
  case invalid(field: String, expected: String)
  /// What was asked for does not fit where the message stands.
  case wrongState(message: String, status: MessageStatus, action: String)
  /// A report names a claim that is not the message's last one, or that was reported on already.
  case lateReport(message: String, attempt: Int, current: Int)
  /// The schedule was saved by somebody else since; nil if it was deleted.
  case stale(current: Schedule?)
  /// The phone's rate was changed by somebody else since.
  case stalePhone(current: Phone)
}

extension StoreError {
  /// What the database says that breaks one of its rules. Their names are nobody's words.
  static let refusedRecord = StoreError.invalid(
    field: "record", expected: "values that the database can store")

  static let deadLinkReason = "is a symbolic link to a file that is not there"

  /// The sysexits code with which a command ends that could not go on.
  package var exitCode: Int32 {
    switch self {
    case .notOurs, .damaged, .ambiguousSchedule, .phoneExists, .scheduleExists, .messageExists,
      .messageForgotten, .invalid,
      .wrongState, .lateReport, .isDirectory, .inUse:
      65
    case .missing, .empty, .deadLink, .unknownPhone, .unknownSchedule, .unknownMessage, .unknownRevision: 66
    case .newerVersion, .olderVersion, .onServer, .unreachable, .missingLibrary, .timeZone: 69
    case .failed: 70
    case .cannotCreate, .alreadyExists: 73
    case .diskFull, .inputOutput, .replaced, .unfinishedImport: 74
    case .busy, .waitEnded, .stale, .stalePhone, .interrupted: 75
    case .noPermission, .readOnly: 77
    }
  }
}

extension StoreError: CustomStringConvertible {
  /// One sentence for people, without a full stop. Texts from outside stand in it as they are.
  package var description: String {
    switch self {
    case .newerVersion(let path): "\(path): made by a newer version of send-schedule; update this program"
    case .olderVersion(let path):
      "\(path): made by an older version of send-schedule; `send-schedule edit`, by somebody who may write to it, brings it to this one"
    case .onServer(let path, let tool): "\(path): this is only for files; on a server use \(tool)"
    case .notOurs(let path, let found): "\(path): not a database of send-schedule (\(found))"
    case .isDirectory(let path): "\(path): is a directory, expected a database file"
    case .inUse(let path): "\(path): is the database that is open, expected another file"
    case .missing(let path): "\(path): no such database"
    case .empty(let path):
      "\(path): nothing of send-schedule in this database yet: a command that writes makes it"
    case .deadLink(let path): "\(path): \(Self.deadLinkReason)"
    case .noPermission(let path, let action): "\(path): no permission to \(action)"
    case .readOnly(let path): "\(path): may only be read"
    case .cannotCreate(let path, let reason): "\(path): cannot be created (\(reason))"
    case .alreadyExists(let path): "\(path): exists already"
    case .diskFull(let path): "\(path): the disk is full; nothing was changed"
    case .inputOutput(let path, let reason): "\(path): input/output error (\(reason))"
    case .damaged(let path, let reason):
      "\(path): damaged (\(reason)); go back to a backup, or read what is left with `sqlite3 FILE .recover`"
    case .busy(let path): "\(path): another program keeps it busy; try again"
    case .waitEnded(let path): "\(path): another program keeps it busy; nothing was changed"
    case .replaced(let path):
      "\(path): was moved, deleted or replaced while it was open; nothing was changed"
    case .interrupted: "interrupted; nothing was changed"
    case .unfinishedImport(let path, let reason):
      "\(path): \(reason); the import has taken place, and the rest of its messages is queued when the database is "
        + "opened next"
    case .failed(let path, let reason): "\(path): \(reason)"
    case .unknownPhone(let name): "no phone \(name)"
    case .timeZone(let schedule, let error): "schedule \(schedule): \(error)"
    case .unknownSchedule(let name): "no schedule \(name)"
    case .unknownMessage(let id): "no message \(id)"
    case .unknownRevision(let schedule, let number): "schedule \(schedule) has no revision \(number)"
    case .unreachable(let place, let reason): "\(place): \(reason)"
    case .missingLibrary(let name, let package, let reason):
      "\(name) cannot be loaded: install Debian's package \(package) (\(reason))"
    case .ambiguousSchedule(let name, let ids):
      "several schedules are named \(name): say which by id (\(ids.joined(separator: ", ")))"
    case .phoneExists(let name): "a phone \(name) exists already"
    case .scheduleExists(let name): "a schedule \(name) exists already"
    case .messageExists(let id): "a message \(id) exists already"
    case .messageForgotten(let id): "a message \(id) was done with here, and then forgotten"
    case .invalid(let field, let expected): "\(field): expected \(expected)"
    case .wrongState(let id, let status, let action):
      "message \(id) is \(status.rawValue): it cannot be \(action)"
    case .lateReport(let id, let attempt, let current) where attempt > current:
      "message \(id) has no attempt \(attempt) (\(current) so far); nothing was changed"
    case .lateReport(let id, let attempt, let current):
      "message \(id): attempt \(attempt) is over (\(current) so far); nothing was changed"
    case .stale(let current):
      current.map {
        "schedule \($0.content.name) was saved by somebody else meanwhile (revision \($0.revision))"
      }
        ?? "the schedule was deleted by somebody else meanwhile"
    case .stalePhone(let phone): "phone \(phone.number) was changed by somebody else meanwhile"
    }
  }
}
