import Canvas
import Scheduling

extension Picker {
  /// The time zones that exist, with what time it is there.
  static func timeZones(_ week: WeekScreen, _ context: Context) -> Picker {
    timeZones(title: "Time zone", selected: week.draft.timeZone, context) { zone, editor in
      guard let change = try? WeekChange.timeZone(zone, editor.context.settings.zones) else { return }
      editor.week?.apply(change, &editor.context)
    }
  }

  /// The same for another purpose; `choose` takes a zone's name.
  static func timeZones(
    title: String, selected: String, _ context: Context,
    choose: @escaping @Sendable (String, inout Editor) -> Void
  ) -> Picker {
    let zones = context.settings.zones
    let names = zones.names
    let items = (names.contains(selected) ? names : names + [selected]).compactMap { name -> Item? in
      guard let offset = zones.offset(of: name, at: context.now) else { return nil }
      let time = Words.clock(CivilTime(local: context.now + offset))
      return Item(id: name, title: name, detail: "\(time)  \(Timestamp.offset(offset))")
    }
    return Picker(title: title, items: items, selected: selected, filtersAtOnce: true) { item, editor in
      choose(item.id, &editor)
    }
  }
}
