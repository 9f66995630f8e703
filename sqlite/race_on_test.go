//go:build race

package sqlite_test

// raceEnabled tells whether the race detector is on.
const raceEnabled = true
