//go:build race

package storagetest_test

// modelStepsDefault is how many steps the model test makes: few, since SQLite is
// slow under the race detector.
const modelStepsDefault = 300
