import Scheduling

/// What differs between two drafts, in words.
enum DraftDifference {
  /// A part of a sentence for each thing that differs: `time zone Europe/Berlin -> Asia/Tokyo`.
  static func words(from old: Draft, to new: Draft) -> [String] {
    var words: [String] = []
    if old.attachment != new.attachment {
      switch new.attachment {
      case .none: words.append("“\(old.name)” taken off: sends at any time")
      case .new: words.append("a new schedule\(new.name.isEmpty ? "" : " “\(new.name)”")")
      case .existing: words.append("schedule “\(new.name)”")
      }
    } else if old.name != new.name {
      words.append("renamed from “\(old.name)” to “\(new.name)”")
    }
    if new.hasSchedule {
      if old.timeZone != new.timeZone, old.hasSchedule {
        words.append("time zone \(old.timeZone) -> \(new.timeZone)")
      }
      if old.isActive != new.isActive { words.append(new.isActive ? "hours kept" : "hours ignored") }
      let hours = ScheduleDifference.words(from: old.week, to: new.week)
      if !hours.isEmpty { words.append(hours.joined(separator: ", ")) }
      words += ScheduleDifference.words(from: old.sortedExceptions, to: new.sortedExceptions)
    }
    if old.messagesPerMinute != new.messagesPerMinute {
      let (before, after) = (old.messagesPerMinute, new.messagesPerMinute)
      let short = before > 0 && after > 0
      words.append("rate \(short ? Words.count(before) : Words.rate(before)) -> \(Words.rate(after))")
    }
    if old.messagesPerDay != new.messagesPerDay {
      let limit = { (draft: Draft) in draft.messagesPerDay == 0 ? "none" : Words.count(draft.messagesPerDay) }
      words.append("day's limit \(limit(old)) -> \(limit(new))")
    }
    return words
  }

  /// The same as lines of their own.
  ///
  /// Of another schedule than the phone had, `chosen`: how it would differ from what is stored of it, since that is what
  /// its other phones get.
  static func lines(from old: Draft, to new: Draft, chosen: Schedule? = nil) -> [String] {
    var (old, lines) = (old, [String]())
    if let chosen, new.scheduleID == chosen.id, old.scheduleID != chosen.id {
      lines = ["Schedule “\(chosen.content.name)”"]
      old.attach(chosen)
    }
    return lines + words(from: old, to: new).map(\.capitalisedFirst)
  }
}
