//go:build race

package sqlite_test

// defaultCrashKills is small, since SQLite is slow under the race detector.
const defaultCrashKills = 4
