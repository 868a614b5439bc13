import Formats
import Scheduling

/// Windows as the database's column has them: the JSON of httpSMS.
enum WindowsColumn {
  static func encode(_ windows: [Window]) -> String {
    var json = JSONBytes()
    json.windows(windows)
    return json.string
  }

  /// The windows of a column; nil if it holds anything else, or windows that make no schedule.
  static func decode(_ text: String) -> [Window]? {
    var text = text
    let windows = text.withUTF8 { bytes in
      var reader = Reader(bytes: bytes)
      return reader.windows()
    }
    guard let windows, Window.check(windows) == nil else { return nil }
    return windows
  }

  /// Reads the one shape that the column may have.
  private struct Reader {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    mutating func windows() -> [Window]? {
      guard take("[") else { return nil }
      var windows: [Window] = []
      repeat {
        guard let window = window() else { return nil }
        windows.append(window)
      } while take(",")
      return take("]") && position == bytes.count ? windows : nil
    }

    private mutating func window() -> Window? {
      guard take("{\"day_of_week\":"), let day = number(), take(",\"start_minute\":"), let start = number(),
        take(",\"end_minute\":"), let end = number(), take("}")
      else { return nil }
      return Window(day: day, startMinute: start, endMinute: end)
    }

    private mutating func take(_ token: StaticString) -> Bool {
      let end = position + token.utf8CodeUnitCount
      guard end <= bytes.count else { return false }
      for index in 0..<token.utf8CodeUnitCount where bytes[position + index] != token.utf8Start[index] {
        return false
      }
      position = end
      return true
    }

    private mutating func number() -> Int? {
      var value = 0
      let start = position
      while position < bytes.count, position - start < 5, bytes[position] >= 48, bytes[position] <= 57 {
        value = value * 10 + Int(bytes[position] - 48)
        position += 1
      }
      return position > start ? value : nil
    }
  }
}
