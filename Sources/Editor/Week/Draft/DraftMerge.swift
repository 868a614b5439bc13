import Scheduling

/// Unsaved work and somebody else's save, merged against what both started from.
///
/// The hours of the week are merged minute by minute. A minute is allowed or denied, so two people who changed
/// the same minute changed it to the same. Exceptions are merged date by date. Only the schedule itself, its
/// name, its time zone, the limits and a date's exception can be changed differently by both, and are asked
/// about. Until then mine stands.
package struct DraftMerge: Equatable, Sendable {
  package struct Conflict: Equatable, Sendable {
    enum Field: Hashable, Sendable {
      case attachment, name, timeZone, rate, perDay
      case exception(ExceptionDate)

      /// Whether it is a setting of the phone, and none of its schedule.
      var isOfPhone: Bool { [.attachment, .rate, .perDay].contains(self) }

      /// Whether two drafts say the same of it.
      func isSame(_ a: Draft, _ b: Draft) -> Bool {
        switch self {
        case .attachment: a.withLimits(of: b) == b
        case .name: a.name == b.name
        case .timeZone: a.timeZone == b.timeZone
        case .rate: a.messagesPerMinute == b.messagesPerMinute
        case .perDay: a.messagesPerDay == b.messagesPerDay
        case .exception(let date): a.exceptions[date] == b.exceptions[date]
        }
      }
    }
    let field: Field
    let mine: Draft
    let theirs: Draft

    /// What is asked, as a line.
    package var words: String {
      switch field {
      case .attachment: "Schedule: mine \(Self.name(mine)), theirs \(Self.name(theirs))"
      case .name: "Name: mine “\(mine.name)”, theirs “\(theirs.name)”"
      case .timeZone: "Time zone: mine \(mine.timeZone), theirs \(theirs.timeZone)"
      case .rate:
        "Rate: mine \(Words.rate(mine.messagesPerMinute)), theirs \(Words.rate(theirs.messagesPerMinute))"
      case .perDay:
        "Day's limit: mine \(Words.perDay(mine.messagesPerDay)), theirs \(Words.perDay(theirs.messagesPerDay))"
      case .exception(let date):
        "\(Words.date(date)): mine \(Words.hours(of: mine.exceptions[date])), theirs \(Words.hours(of: theirs.exceptions[date]))"
      }
    }

    private static func name(_ draft: Draft) -> String { draft.hasSchedule ? "“\(draft.name)”" : "none" }

    /// Puts one of the two in place.
    func apply(_ draft: inout Draft, _ isMine: Bool) {
      let source = isMine ? mine : theirs
      switch field {
      case .attachment: draft = source.withLimits(of: draft)
      case .name: draft.name = source.name
      case .timeZone: draft.timeZone = source.timeZone
      case .rate: draft.messagesPerMinute = source.messagesPerMinute
      case .perDay: draft.messagesPerDay = source.messagesPerDay
      case .exception(let date): draft.exceptions[date] = source.exceptions[date]
      }
    }
  }

  package private(set) var merged: Draft
  package private(set) var conflicts: [Conflict] = []

  package init(ancestor: Draft, mine: Draft, theirs: Draft) {
    merged = mine
    func pick<Value: Equatable>(_ path: WritableKeyPath<Draft, Value>, _ field: Conflict.Field?) {
      if mine[keyPath: path] == ancestor[keyPath: path] {
        merged[keyPath: path] = theirs[keyPath: path]
      } else if let field, theirs[keyPath: path] != ancestor[keyPath: path],
        theirs[keyPath: path] != mine[keyPath: path]
      {
        conflicts.append(Conflict(field: field, mine: mine, theirs: theirs))
      }
    }
    pick(\.messagesPerMinute, .rate)
    pick(\.messagesPerDay, .perDay)
    if mine.attachment == theirs.attachment, mine.attachment == ancestor.attachment {
      merged.revision = theirs.revision
      pick(\.name, .name)
      pick(\.timeZone, .timeZone)
      pick(\.isActive, nil)
      let changed = mine.week.symmetricDifference(ancestor.week)
      merged.week = theirs.week.subtracting(changed).union(mine.week.intersection(changed))
      let dates = [ancestor, mine, theirs].flatMap(\.exceptions.keys)
      for date in Set(dates).sorted() { pick(\.exceptions[date], .exception(date)) }
    } else if mine.attachment == ancestor.attachment {
      mergeSchedules(ancestor: ancestor, mine: mine, theirs: theirs)
    } else if theirs.attachment != ancestor.attachment, theirs.attachment != mine.attachment {
      conflicts.append(Conflict(field: .attachment, mine: mine, theirs: theirs))
    }
  }

  /// They changed which schedule the phone has (or deleted it); I only edited the old one, or nothing.
  private mutating func mergeSchedules(ancestor: Draft, mine: Draft, theirs: Draft) {
    let limits = merged
    if mine.withLimits(of: ancestor) == ancestor {
      merged = theirs.withLimits(of: limits)
    } else {
      // My hours are not lost with the schedule: they would be saved as a new one.
      var rescued = mine
      if rescued.hasSchedule { rescued.startSchedule(named: rescued.name, isActive: rescued.isActive) }
      rescued = rescued.withLimits(of: limits)
      merged = rescued
      conflicts.append(Conflict(field: .attachment, mine: rescued, theirs: theirs))
    }
  }
}

extension Draft {
  /// The same with the phone's limits of another draft.
  fileprivate func withLimits(of other: Draft) -> Draft {
    var draft = self
    (draft.messagesPerMinute, draft.messagesPerDay) = (other.messagesPerMinute, other.messagesPerDay)
    return draft
  }
}
