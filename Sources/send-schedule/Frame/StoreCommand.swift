import ArgumentParser
import Scheduling
import Storage
import TimeZones

/// A command that works on the database.
protocol StoreCommand: Command {
  static var access: Store.Access { get }
  var shared: SharedOptions { get }
  func run(_ store: Store) throws
}

extension StoreCommand {
  static var access: Store.Access { .read }

  func run() throws {
    try withStore(shared.plain, for: Self.access, run)
  }
}

/// Opens the database for a command; an error about a name proposes the nearest that is known.
func withStore(_ shared: PlainOptions, for access: Store.Access, _ body: (Store) throws -> Void) throws {
  let place = try shared.place
  if access == .create, Store.isMissing(place) {
    try Surroundings.makeOwnDirectory(option: shared.database)
    // A command that fails leaves no file.
    let made: Void? = try Store.create(at: place, zones: TimeZoneDatabase.system) {
      try proposing($0, body)
    }
    if made != nil { return Output.announceNew(place) }
    // Somebody else made one meanwhile, and this counts there.
    Output.shared.discard()
  }
  try proposing(shared.open(for: access), body)
}

private func proposing(_ store: Store, _ body: (Store) throws -> Void) throws {
  do {
    try body(store)
  } catch let error as StoreError {
    throw NearestRecord.adding(to: error, from: store)
  }
}

/// The nearest known name for one that is not known.
enum NearestRecord {
  /// The same error, with a proposal in its text where there is a near name.
  static func adding(to error: StoreError, from store: Store) -> any Error {
    let near: String? =
      switch error {
      case .unknownPhone(let name): nearestPhone(to: name, in: store)
      case .unknownSchedule(let name): nearestSchedule(to: name, in: store)
      default: nil
      }
    guard let near else { return error }
    return Failure(code: error.exitCode, "\(error.description); did you mean \(near)?")
  }

  private static func nearestPhone(to name: String, in store: Store) -> String? {
    guard let phones = try? store.phones() else { return nil }
    if let labelled = phones.first(where: { $0.label.lowercased() == name.lowercased() && !name.isEmpty }) {
      return "\(labelled.number) (\(labelled.label))"
    }
    let number = PhoneNumber.e164(name) ?? name
    return Suggestion.nearest(to: number, among: phones.flatMap { [$0.number, $0.id] })
  }

  private static func nearestSchedule(to name: String, in store: Store) -> String? {
    guard let schedules = try? store.schedules() else { return nil }
    return Suggestion.nearest(to: name, among: schedules.map(\.content.name)).map { "“\($0)”" }
  }
}
