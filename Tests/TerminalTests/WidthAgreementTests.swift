import CNcurses
import Testing

@testable import Canvas

@Suite("Columns as ncurses counts them")
struct WidthAgreementTests {
  /// The table is the C library's, which ncurses asks. Other versions of it know other new characters; those
  /// are few, and are drawn as a sign.
  @Test func tableAgreesWithTheCLibrary() {
    #expect(cn_set_locale("C.UTF-8"))
    var different = 0
    for code in UInt32(0x20)..<0x20000 {
      guard let scalar = Unicode.Scalar(code) else { continue }
      let width = Int(cn_width(Int32(code)))
      switch CharacterKind(scalar) {
      case .columns(let columns) where width >= 0 && columns != width: different += 1
      case .mark where width != 0: different += 1
      default: break
      }
    }
    #expect(different < 300)
  }

  @Test func glyphsTakeOneColumn() {
    #expect(cn_set_locale("C.UTF-8"))
    for child in Mirror(reflecting: Glyphs.unicode).children {
      let texts = child.value as? [String] ?? (child.value as? String).map { [$0] } ?? []
      for scalar in texts.joined().unicodeScalars { #expect(cn_width(Int32(scalar.value)) == 1, "\(scalar)") }
    }
  }
}
