package storage

import "fmt"

// enum is the table behind an enumerated type: the names of its values, from
// 1; 0 is "unset" and has the empty name.
type enum[E ~uint8] struct {
	typ   string
	names []string
}

func (t enum[E]) valid(e E) bool { return e > 0 && int(e) <= len(t.names) }

func (t enum[E]) string(e E) string {
	switch {
	case e == 0:
		return "unset"
	case t.valid(e):
		return t.names[e-1]
	}
	return fmt.Sprintf("%s(%d)", t.typ, uint8(e))
}

func (t enum[E]) parse(s string) (E, error) {
	for i, name := range t.names {
		if name == s {
			return E(i + 1), nil
		}
	}
	return 0, Invalid(t.typ, fmt.Sprintf("unknown value %.40q", s))
}

func (t enum[E]) marshal(e E) ([]byte, error) {
	if e == 0 {
		return []byte{}, nil
	}
	if !t.valid(e) {
		return nil, Invalid(t.typ, fmt.Sprintf("unknown value %d", uint8(e)))
	}
	return []byte(t.names[e-1]), nil
}

func (t enum[E]) unmarshal(e *E, text []byte) error {
	if len(text) == 0 {
		*e = 0
		return nil
	}
	v, err := t.parse(string(text))
	if err == nil {
		*e = v
	}
	return err
}

// check refuses a value that is neither unset nor known.
func (t enum[E]) check(field string, e E) error {
	if e == 0 || t.valid(e) {
		return nil
	}
	return Invalid(field, fmt.Sprintf("unknown %s %d", t.typ, uint8(e)))
}

// checkAll is check for a filter: each of its values must be a known one.
func (t enum[E]) checkAll(field string, es []E) error {
	for _, e := range es {
		if !t.valid(e) {
			return Invalid(field, fmt.Sprintf("unknown %s %d", t.typ, uint8(e)))
		}
	}
	return nil
}
