import Canvas
import Scheduling

extension Picker {
  /// The time zones that exist, with what time it is there.
  static func timeZones(_ week: WeekScreen, _ context: Context) -> Picker {
    let current = week.draft.timeZone
    var items: [Item] = []
    let names = ZoneName.all
    for name in names.contains(current) ? names : names + [current] {
      guard let offset = ZoneName.offset(of: name, at: context.now) else { continue }
      let time = Words.clock(CivilTime(local: context.now + offset))
      items.append(Item(id: name, title: name, detail: "\(time)  \(Timestamp.offset(offset))"))
    }
    return Picker(title: "Time zone", items: items, selected: current, filtersAtOnce: true) { item, editor in
      if let change = try? WeekChange.timeZone(item.id) { editor.week?.apply(change, &editor.context) }
    }
  }
}
