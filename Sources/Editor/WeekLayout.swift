import Canvas
import Scheduling

/// Where things stand on the screen of a phone's week.
package struct WeekLayout: Equatable, Sendable {
  package var ruler: Int
  package var grid: GridGeometry
  package var headline: Int
  /// The heading of the list; nil where there is no room for one.
  package var heading: Int?
  package var listTop: Int
  package var listRows: Int
  package var status: Int
  package var hints: Int
}

extension Editor {
  package func weekLayout() -> WeekLayout {
    let height = size.height
    let rowHeight = height >= 36 ? 2 : 1
    let ruler = height >= 28 ? 3 : 2
    let grid = GridGeometry(
      width: size.width, top: ruler + 1, rowHeight: rowHeight, slotMinutes: week?.slotMinutes ?? 30,
      firstMinute: week?.firstMinute ?? 0, cursor: week?.cursor.minute ?? 0)
    let gridEnd = ruler + 1 + 7 * rowHeight
    let headline = gridEnd + (height >= 20 ? 1 : 0)
    let hasHeading = height >= 20
    let listTop = headline + (hasHeading ? 2 : 1)
    return WeekLayout(
      ruler: ruler, grid: grid, headline: headline, heading: hasHeading ? headline + 1 : nil,
      listTop: listTop, listRows: max(1, height - 2 - listTop), status: height - 2, hints: height - 1)
  }
}
