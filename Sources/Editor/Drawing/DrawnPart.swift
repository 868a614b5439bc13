import Canvas
import Synchronization

/// Some rows of a screen as they were drawn last, with all that they show.
///
/// Most keys change little of a screen; what takes long to draw is kept, and put down again while it is the same.
/// Copies of a screen share it, which does no harm: the picture says all.
final class DrawnPart<Picture: Equatable & Sendable>: Sendable {
  private struct Kept {
    var picture: Picture
    var size: Size
    var row: Int
    var cells: ArraySlice<[Cell]>
    var cursor: Point?
  }
  private let kept = Mutex<Kept?>(nil)

  /// Draws some rows, which hold nothing yet: as they were kept, or anew.
  func draw(
    _ picture: Picture, rows: Range<Int>, on canvas: inout Canvas, _ draw: (inout Canvas) -> Void
  ) {
    let known = kept.withLock { $0 }
    if let known, known.size == canvas.size, known.row == rows.lowerBound, known.picture == picture {
      canvas.put(known.cells, atRow: known.row)
      if let cursor = known.cursor { canvas.cursor = cursor }
      return
    }
    let before = canvas.cursor
    canvas.cursor = nil
    draw(&canvas)
    let new = Kept(
      picture: picture, size: canvas.size, row: rows.lowerBound, cells: canvas.cells(ofRows: rows),
      cursor: canvas.cursor)
    kept.withLock { $0 = new }
    canvas.cursor = canvas.cursor ?? before
  }
}
