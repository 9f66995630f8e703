//go:build !race

package storagetest_test

// modelStepsDefault is how many steps the model test makes.
const modelStepsDefault = 10_000
