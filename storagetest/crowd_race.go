//go:build race

package storagetest

// often is how many times a crowd races. SQLite compiled to Go runs many times
// slower under the race detector.
const often = 10
