// swift-tools-version:6.1
import PackageDescription

let linking = Context.packageDirectory + "/Sources/send-schedule/Linking"

let package = Package(
  name: "send-schedule",
  products: [.executable(name: "send-schedule", targets: ["send-schedule"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(name: "Scheduling"),
    .target(name: "Formats", dependencies: ["Scheduling"]),
    .target(name: "TimeZones", dependencies: ["Scheduling"]),
    .target(name: "Canvas"),
    .target(
      name: "Storage",
      dependencies: [
        "Scheduling", "Formats", "CPostgreSQL", "CSQLite",
      ]),
    .systemLibrary(name: "CSQLite"),
    .target(name: "CPostgreSQL", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "Editor", dependencies: ["Scheduling", "Canvas"]),
    .target(name: "Effects", dependencies: ["Scheduling", "Formats", "Storage", "Editor"]),
    .target(
      name: "CNcurses",
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .target(name: "Terminal", dependencies: ["Canvas", "CNcurses"]),
    .executableTarget(
      name: "send-schedule",
      dependencies: [
        "Scheduling", "TimeZones", "Formats", "Storage", "Canvas", "Editor", "Effects", "Terminal",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Linking"],
      // A command that a gateway starts each second spends much of its time on finding its place in memory and on the
      // thousands of names of C++'s library; so it has a fixed place, that library inside, and exports nothing.
      linkerSettings: [
        .unsafeFlags(
          [
            "-Xclang-linker", "-no-pie", "-L\(linking)",
            "-Xlinker", "--version-script=\(linking)/exports.map",
          ], .when(configuration: .release))
      ]),
    .executableTarget(
      name: "Benchmarks",
      dependencies: ["Scheduling", "TimeZones", "Formats", "Storage", "Canvas", "Editor"]),
    .target(name: "TestSupport", dependencies: ["Scheduling", "TimeZones"], path: "Tests/TestSupport"),
    .testTarget(
      name: "SchedulingTests", dependencies: ["Scheduling", "TimeZones", "TestSupport"],
      exclude: ["clock_changes.py"]),
    .testTarget(
      name: "TimeZonesTests", dependencies: ["TimeZones", "Scheduling", "TestSupport"],
      exclude: ["compare_clocks.py"]),
    .testTarget(name: "FormatsTests", dependencies: ["Formats", "Scheduling", "TestSupport"]),
    .testTarget(
      name: "StorageTests",
      dependencies: ["Storage", "Formats", "Scheduling", "TimeZones", "Editor", "Effects", "TestSupport"]),
    .testTarget(
      name: "CanvasTests", dependencies: ["Canvas"], exclude: ["make-width-table.py"]),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal", "Canvas", "CNcurses"]),
    .testTarget(
      name: "EditorTests",
      dependencies: ["Editor", "Effects", "Storage", "Scheduling", "TimeZones", "Canvas", "TestSupport"],
      exclude: ["Scripts"]),
    .testTarget(name: "CommandTests", dependencies: ["Scheduling", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
