package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

// Limits of a page.
const (
	DefaultLimit = 50   // where a query's Limit is 0
	MaxLimit     = 1000 // larger limits are capped
)

// Page is one page of a list. One without items, which a cursor can lead to
// where everything beyond it has been taken away meanwhile, mostly has no
// cursors: the walk has ended.
type Page[T any] struct {
	Items []T
	Next  Cursor // the page that follows in the query's order, or "" at the end
	Prev  Cursor // the page before, or "" at the beginning
}

// HasBefore reports whether there are items before the page, in the query's
// order.
func (p Page[T]) HasBefore() bool { return p.Prev != "" }

// HasAfter reports whether there are items after the page, in the query's order.
func (p Page[T]) HasAfter() bool { return p.Next != "" }

// Cursor is a place in the list that one query makes: opaque text that
// survives a URL. Passed back in the same query (its Limit may differ), it
// continues there, without skipping or repeating what stayed in place in
// between. With another query, or changed at any byte, it is ErrInvalid.
type Cursor string

// All walks the pages of a list lazily, from q's own cursor on. It ends after
// the first error. Nothing of the store is held between two steps: the list
// may change meanwhile.
//
//	for user, err := range storage.All(ctx, store.Users, storage.UserQuery{}) {
func All[Q interface{ WithCursor(Cursor) Q }, T any](
	ctx context.Context, list func(context.Context, Q) (Page[T], error), q Q,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			page, err := list(ctx, q)
			if err != nil {
				yield(*new(T), err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			q = q.WithCursor(page.Next)
		}
	}
}

// Limit returns the number of items that a query's Limit asks for.
func Limit(limit int) (int, error) {
	switch {
	case limit < 0:
		return 0, Invalid("Limit", "negative")
	case limit == 0:
		return DefaultLimit, nil
	}
	return min(limit, MaxLimit), nil
}

// Keyset is what a cursor says: the values of the order's columns in the last
// row seen. Lists use of it what their order needs. It is for backends.
type Keyset struct {
	Int       int64    // a number or a time, where the order begins with one
	Text      string   // a name, where the order begins with one
	ID        [16]byte // what breaks ties
	Low, High int64    // exclusive bounds of the whole walk, 0 for none
	Back      bool     // walk against the query's order
	Edge      bool     // nothing stands on the other side
}

const (
	cursorVersion = 1
	cursorDigest  = 8 // bytes of SHA-256: chance, not malice, is what it guards against
)

var cursorEncoding = base64.RawURLEncoding.Strict()

// Tie is what binds cursors to a query: a digest of it.
type Tie [sha256.Size]byte

// TieTo returns the tie to a query, which must be given without its Limit,
// Cursor and anchors.
func TieTo(query any) (Tie, error) {
	text, err := json.Marshal(query)
	if err != nil {
		return Tie{}, &Error{Field: "Cursor", Kind: ErrInvalid, Err: err}
	}
	return sha256.Sum256(fmt.Appendf(nil, "%T\n%s", query, text)), nil
}

// Cursor returns the keyset as a cursor of the query behind tie.
func (k Keyset) Cursor(tie Tie) Cursor {
	b := make([]byte, 0, 64+len(k.Text))
	b = append(b, cursorVersion, 0)
	if k.Back {
		b[1] |= 1
	}
	if k.Edge {
		b[1] |= 2
	}
	for _, n := range [...]int64{k.Int, k.Low, k.High} {
		b = binary.AppendVarint(b, n)
	}
	b = append(b, k.ID[:]...)
	b = append(b, k.Text...)
	return Cursor(cursorEncoding.EncodeToString(append(b, digestCursor(b, tie)...)))
}

// ParseCursor is the inverse of [Keyset.Cursor]. A cursor that was not made
// for the query behind tie is ErrInvalid.
func ParseCursor(c Cursor, tie Tie) (Keyset, error) {
	b, err := cursorEncoding.DecodeString(string(c))
	folded := strings.ContainsAny(string(c), "\r\n") // which base64 passes over
	if err != nil || folded || len(b) < 2+3+16+cursorDigest {
		return Keyset{}, Invalid("Cursor", "not a cursor")
	}
	payload, digest := b[:len(b)-cursorDigest], b[len(b)-cursorDigest:]
	if !bytes.Equal(digest, digestCursor(payload, tie)) || payload[0] != cursorVersion {
		return Keyset{}, Invalid("Cursor", "made for another query, or changed")
	}
	return decodeKeyset(payload)
}

func digestCursor(payload []byte, tie Tie) []byte {
	sum := sha256.Sum256(append(tie[:], payload...))
	return sum[:cursorDigest]
}

func decodeKeyset(b []byte) (Keyset, error) {
	k := Keyset{Back: b[1]&1 != 0, Edge: b[1]&2 != 0}
	b = b[2:]
	for _, n := range [...]*int64{&k.Int, &k.Low, &k.High} {
		v, size := binary.Varint(b)
		if size <= 0 {
			return Keyset{}, Invalid("Cursor", "not a cursor")
		}
		*n, b = v, b[size:]
	}
	if len(b) < len(k.ID) {
		return Keyset{}, Invalid("Cursor", "not a cursor")
	}
	copy(k.ID[:], b)
	k.Text = string(b[len(k.ID):])
	return k, nil
}
