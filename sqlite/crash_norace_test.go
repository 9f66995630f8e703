//go:build !race

package sqlite_test

// defaultCrashKills is how often the child is killed in every run of the tests.
const defaultCrashKills = 50
