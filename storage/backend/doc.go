// Package backend is what backends of lair share: every rule that needs data
// is written here, once, above rows.
//
// A backend brings two things: an [Engine], which opens transactions, and
// [Rows], which is data access within one. [New] makes a complete
// [storage.Store] of them. Validation, normal forms, cursors, permissions,
// what a write means (a creator becomes an owner, a nonce is honoured, a
// counter moves) and the order of errors come from here, so that all backends
// agree on them.
//
// The layers, from the caller down:
//
//	Store       View, Update, Health, Close
//	AutoCommit  every single call: checked and prepared, then one transaction
//	Tx          the calls inside Update: checked, prepared, then a savepoint
//	rules       what the operations mean
//	Rows        reading and row-sized writes: the backend's
package backend
