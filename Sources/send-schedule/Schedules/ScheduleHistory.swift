import ArgumentParser
import Formats
import Scheduling
import Storage

struct ScheduleHistory: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "history", of: "schedules", "List the revisions of a schedule, the newest first.",
    discussion: "A schedule that was removed keeps its history.")
  static let examples = ["schedules history Office", "schedules history Office --json"]
  @Argument(help: "Its name or id.") var name: String
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let revisions = try store.revisions(of: store.scheduleID(everNamed: name))
    if shared.json {
      for revision in revisions { try Output.shared.json { $0.revision(revision) } }
      return
    }
    var table = Table(["REVISION", "SAVED", "AUTHOR", "FROM", "WHAT"])
    for revision in revisions {
      let zone = store.zones.timeline(revision.content.timeZone, now: revision.stamp.at) ?? .utc
      table.add([
        "\(revision.number)", Words.time(revision.stamp.at, zone: zone), revision.stamp.author,
        revision.stamp.origin ?? "-", revision.summary,
      ])
    }
    try table.print()
  }
}

struct ScheduleRestore: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "restore", of: "schedules", "Make an earlier revision of a schedule the newest one.")
  static let examples = ["schedules history Office", "schedules restore Office 3"]
  static let access = Store.Access.write
  @Argument(help: "Its name or id.") var name: String
  @Argument(help: "The number of the revision.") var revision: Int
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let schedule = try store.restore(name, to: revision, stamp: shared.stamp)
    try report(
      schedule,
      "restored revision \(revision) of schedule \(schedule.content.name) as revision \(schedule.revision)",
      json: shared.json)
  }
}

extension JSONBytes {
  /// A revision: the schedule as it was saved, and who saved it when and from where.
  mutating func revision(_ revision: Revision) {
    raw("{\"revision\":")
    integer(revision.number)
    raw(",\"action\":")
    text(revision.action.rawValue)
    raw(",\"author\":")
    text(revision.stamp.author)
    raw(",\"origin\":")
    text(revision.stamp.origin)
    raw(",\"saved_at\":")
    time(revision.stamp.at)
    raw(",\"summary\":")
    text(revision.summary)
    raw(",\"schedule\":")
    schedule(Schedule(id: revision.scheduleID, content: revision.content))
    raw("}")
  }
}
