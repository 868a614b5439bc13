import Canvas
import Scheduling

extension Picker {
  /// The time zones that exist, with what time it is there.
  static func timeZones(_ week: WeekScreen, _ context: Context) -> Picker {
    let current = week.draft.timeZone
    var items: [Item] = []
    let zones = context.settings.zones
    let names = zones.names
    for name in names.contains(current) ? names : names + [current] {
      guard let offset = zones.offset(of: name, at: context.now) else { continue }
      let time = Words.clock(CivilTime(local: context.now + offset))
      items.append(Item(id: name, title: name, detail: "\(time)  \(Timestamp.offset(offset))"))
    }
    return Picker(title: "Time zone", items: items, selected: current, filtersAtOnce: true) { item, editor in
      guard let change = try? WeekChange.timeZone(item.id, editor.context.settings.zones) else { return }
      editor.week?.apply(change, &editor.context)
    }
  }
}
