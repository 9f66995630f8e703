// Package storage is the contract of lair: the records of a chat server, the
// interfaces of a store, its errors, pages and cursors, and the rules that
// need no database, such as validation and patches.
//
// A program opens a [Store] with one of the backends (the packages sqlite and
// memory), and otherwise deals with this package only. Contracts stand on the
// methods of the interfaces, limits beside the records they bind.
package storage
