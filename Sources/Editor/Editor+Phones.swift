import Canvas
import Scheduling

/// The phone list.
extension Editor {
  /// Rows between the heading and the fleet line.
  package var phoneRowsOnScreen: Int { max(1, size.height - 6) }

  mutating func performInPhones(_ action: Action) -> [Effect] {
    switch action {
    case .up: phones.move(-1)
    case .down: phones.move(1)
    case .pageUp: phones.move(-phoneRowsOnScreen)
    case .pageDown: phones.move(phoneRowsOnScreen)
    case .first: phones.move(-phones.rows.count)
    case .last: phones.move(phones.rows.count)
    case .mark:
      phones.toggleMark()
      phones.move(1)
    case .markAll: phones.toggleAll()
    case .open:
      guard let phone = phones.current?.phone else {
        say(.info, gateway == nil ? "Still loading" : "There is no phone here")
        return []
      }
      return startOpening(phone.id)
    case .schedules:
      let chosen = phones.chosen
      guard !chosen.isEmpty else {
        say(.info, "There is no phone here")
        return []
      }
      openSchedulePicker(for: chosen.map(\.id), selected: chosen.first?.scheduleID)
    case .find: modal = .prompt(Prompt(.filterPhones, label: "/", text: phones.filter))
    case .escape:
      if phones.filter.isEmpty, phones.marked.isEmpty { say(.info, "q quits") }
      if !phones.filter.isEmpty { phones.apply("") } else { phones.marked.removeAll() }
    default: break
    }
    return settle()
  }
}
