import Canvas
import Scheduling

/// Where things stand on the screen of a phone's week.
package struct WeekLayout: Equatable, Sendable {
  package var ruler: Int
  package var grid: GridGeometry
  /// What the signs mean; nil where there is no room for it.
  package var legend: Int?
  package var headline: Int
  /// The heading of the list; nil where there is no room for one.
  package var heading: Int?
  package var listTop: Int
  package var listRows: Int
  /// What to warn of; nil where there is nothing, or no room for it.
  package var warning: Int?
  package var status: Int
  package var hints: Int
}

extension WeekScreen {
  func layout(_ context: Context) -> WeekLayout {
    let height = context.size.height
    let rowHeight = height >= 36 ? 2 : 1
    let ruler = height >= 28 ? 3 : 2
    let geometry = GridGeometry(
      width: context.size.width, top: ruler + 1, rowHeight: rowHeight, slotMinutes: grid.slotMinutes,
      firstMinute: grid.firstMinute, cursor: grid.cursor.minute)
    let gridEnd = ruler + 1 + 7 * rowHeight
    let isRoomy = height >= 20
    let headline = gridEnd + (isRoomy ? 1 : 0)
    let listTop = headline + (isRoomy ? 2 : 1)
    let warning = isRoomy && forecast.warnings?.isEmpty == false ? height - 3 : nil
    return WeekLayout(
      ruler: ruler, grid: geometry, legend: isRoomy ? gridEnd : nil, headline: headline,
      heading: isRoomy ? headline + 1 : nil,
      listTop: listTop, listRows: max(1, (warning ?? height - 2) - listTop), warning: warning,
      status: height - 2, hints: height - 1)
  }
}
