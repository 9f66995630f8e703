package memory

import "iter"

// tagged is an entry of the index by tag.
type tagged struct {
	tag     string
	message pair
}

func lessTagged(a, b tagged) bool {
	if a.tag != b.tag {
		return a.tag < b.tag
	}
	return a.message < b.message
}

// taggedWithin walks the messages within a span that have a tag.
func (r *rows) taggedWithin(tag string, within span[pair], desc bool) iter.Seq[pair] {
	entry := func(at pair) tagged { return tagged{tag, at} }
	return ofOwner(&r.tags, within, desc, entry, func(t tagged) (pair, bool) {
		return t.message, t.tag == tag
	})
}
