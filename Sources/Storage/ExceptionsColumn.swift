import Scheduling

/// Exceptions as the database's column has them: the JSON of the bundle, always in the same shape.
enum ExceptionsColumn {
  static func encode(_ exceptions: [ScheduleException]) -> String {
    guard !exceptions.isEmpty else { return "[]" }
    let objects = exceptions.map { exception in
      let windows = exception.windows.map {
        "{\"start_minute\":\($0.startMinute),\"end_minute\":\($0.endMinute)}"
      }
      return """
        {"date":"\(exception.date.text)","windows":[\(windows.joined(separator: ","))],"note":\
        \(quoted(exception.note))}
        """
    }
    return "[" + objects.joined(separator: ",") + "]"
  }

  /// The exceptions of a column; nil if it holds anything else.
  static func decode(_ text: String) -> [ScheduleException]? {
    if text == "[]" { return [] }
    var text = text
    return text.withUTF8 { bytes in
      var reader = Reader(bytes: bytes)
      return reader.exceptions()
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  /// Reads the one shape that ``encode(_:)`` writes.
  private struct Reader {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    mutating func exceptions() -> [ScheduleException]? {
      guard take("[") else { return nil }
      var exceptions: [ScheduleException] = []
      repeat {
        guard take("{\"date\":"), let word = string(), let date = Self.date(word), take(",\"windows\":["),
          let windows = windows(), take(",\"note\":"), let note = string(), take("}")
        else { return nil }
        exceptions.append(ScheduleException(date: date, windows: windows, note: note))
      } while take(",")
      return take("]") && position == bytes.count ? exceptions : nil
    }

    private mutating func windows() -> [DayWindow]? {
      if take("]") { return [] }
      var windows: [DayWindow] = []
      repeat {
        guard take("{\"start_minute\":"), let start = number(), take(",\"end_minute\":"), let end = number(),
          take("}"), start < end, end <= 1440
        else { return nil }
        windows.append(DayWindow(startMinute: start, endMinute: end))
      } while take(",")
      return take("]") ? windows : nil
    }

    private static func date(_ word: String) -> ExceptionDate? {
      let isYearly = word.hasPrefix("--")
      let numbers = word.split(separator: "-").map { Int($0) ?? 0 }
      guard numbers.count == (isYearly ? 2 : 3) else { return nil }
      if isYearly {
        // 2000 has every date that a year can have.
        guard CivilDate(year: 2000, month: numbers[0], day: numbers[1]) != nil else { return nil }
        return .yearly(month: numbers[0], day: numbers[1])
      }
      return CivilDate(year: numbers[0], month: numbers[1], day: numbers[2]).map { .day($0) }
    }

    private mutating func string() -> String? {
      guard take("\"") else { return nil }
      var result: [UInt8] = []
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
        case UInt8(ascii: "\\"):
          guard let escaped = escape() else { return nil }
          result.append(escaped)
        default: result.append(byte)
        }
      }
      return nil
    }

    private mutating func escape() -> UInt8? {
      if take("\"") { return UInt8(ascii: "\"") }
      if take("\\") { return UInt8(ascii: "\\") }
      guard take("u00"), position + 2 <= bytes.count else { return nil }
      let digits = String(decoding: bytes[position..<position + 2], as: UTF8.self)
      position += 2
      return UInt8(digits, radix: 16)
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
