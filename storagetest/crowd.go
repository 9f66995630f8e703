//go:build !race

package storagetest

// often is how many times a crowd races.
const often = 100
