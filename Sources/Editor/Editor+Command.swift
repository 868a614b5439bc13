import Canvas
import Scheduling

/// The `:` line.
extension Editor {
  mutating func run(command text: String) -> Result<[Effect], Problem> {
    let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
    guard let word = parts.first else { return .success([]) }
    let rest = parts.count > 1 ? parts[1].trimmingBlanks : ""
    switch word {
    case "q", "quit": return .success(leave(.quit))
    case "q!", "quit!":
      let dropped = week.map { [Effect.dropDraft(phoneID: $0.phone.id)] } ?? []
      return .success(dropped + [.quit])
    case "help", "h":
      modal = .help(scroll: 0)
      return .success([])
    case "phone", "open", "e": return openPhone(rest)
    default: break
    }
    guard week != nil else {
      return .failure(Problem("expected q, help or phone NUMBER; open a phone to edit its week"))
    }
    return run(word, rest, text)
  }

  /// What needs a phone: saving, its settings, and windows as text.
  private mutating func run(_ word: String, _ rest: String, _ text: String) -> Result<[Effect], Problem> {
    switch word {
    case "w", "write", "save": return .success(save(then: .stay))
    case "wq", "x": return .success(save(then: .quit))
    case "rate": return setRate(rest)
    case "zone", "tz": return setTimeZone(rest)
    case "on", "off":
      guard week?.draft.hasSchedule ?? false else {
        return .failure(Problem("there is no schedule to switch"))
      }
      return .success(edit { $0.isActive = word == "on" })
    case "name", "rename":
      guard week?.draft.hasSchedule ?? false else {
        return .failure(Problem("there is no schedule to rename"))
      }
      if let problem = problem(withName: rest, except: week?.draft.scheduleID) { return .failure(problem) }
      return .success(edit { $0.name = rest })
    case "allow": return setWindows(rest, from: 6) { $0.union($1) }
    case "deny": return setWindows(rest, from: 5) { $0.subtracting($1) }
    default: return setWindows(text, from: 0) { $1 }
    }
  }

  /// Windows replace the week, as `schedules set` does; after `allow` or `deny` they are painted on it.
  private mutating func setWindows(
    _ text: String, from offset: Int, _ combine: (WeekMinutes, WeekMinutes) -> WeekMinutes
  ) -> Result<[Effect], Problem> {
    do throws(NotationError) {
      let minutes = WeekMinutes(try WindowNotation.parse(text))
      return .success(edit(schedule: true) { $0.week = combine($0.week, minutes) })
    } catch {
      let place = NotationError(
        position: error.position + offset, found: error.found, expected: error.expected)
      return .failure(
        Problem("\(place.description), or a command: w q rate zone on off name allow deny phone"))
    }
  }

  private mutating func openPhone(_ name: String) -> Result<[Effect], Problem> {
    let digits = name.filter(\.isNumber)
    let phone = gateway?.phones.map(\.phone).first { phone in
      phone.id == name || phone.label == name || (!digits.isEmpty && phone.number == "+" + digits)
    }
    guard let phone else { return .failure(Problem("there is no phone “\(harmless(name))”")) }
    return .success(leave(.open(phoneID: phone.id)))
  }
}
