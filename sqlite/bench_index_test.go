package sqlite

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const benchIndexBatch = 1000

// BenchmarkIndex compares what a search entry costs, its analysis included, with
// what FTS5's own unicode61 costs on the same text: batches of a transaction each,
// in turns.
func BenchmarkIndex(b *testing.B) {
	e := openEngine(b, nil)
	_, err := e.Update(b.Context(), execute(`
CREATE VIRTUAL TABLE plain USING fts5 (text, content = '', tokenize = 'unicode61')`))
	require.NoError(b, err)
	_, err = e.Update(b.Context(), execute(`INSERT INTO plain (plain, rank) VALUES ('secure-delete', 1)`))
	require.NoError(b, err)
	texts := indexTexts(b)
	var ours, plain []float64
	doc := int64(0)
	for b.Loop() {
		batch := make([]string, benchIndexBatch)
		for i := range batch {
			batch[i] = texts[int(doc+int64(i))%len(texts)]
		}
		ours = append(ours, took(b, e, func(r *rows) error {
			for i, text := range batch {
				at := entry{doc: doc + int64(i) + 1, room: int64(i % 50), author: int64(i % 20)}
				at.text = backend.SearchText(&storage.Message{Type: storage.MessageText, Body: text})
				if err := r.index(at); err != nil {
					return err
				}
			}
			return nil
		}))
		plain = append(plain, took(b, e, func(r *rows) error {
			for i, text := range batch {
				err := r.c.exec(`INSERT INTO plain (rowid, text) VALUES (?, ?)`, func(a *args) {
					a.int((doc + int64(i) + 1) << roomBits)
					a.text(text)
				})
				if err != nil {
					return err
				}
			}
			return nil
		}))
		doc += benchIndexBatch
	}
	report(b, ours, plain)
}

// took returns the microseconds for each of a batch.
func took(b *testing.B, e *engine, fn func(*rows) error) float64 {
	began := time.Now()
	_, err := e.Update(b.Context(), func(r backend.Rows) error { return fn(r.(*rows)) })
	require.NoError(b, err)
	return float64(time.Since(began).Nanoseconds()) / 1000 / benchIndexBatch
}

func report(b *testing.B, ours, plain []float64) {
	o, p := middle(ours), middle(plain)
	b.ReportMetric(o, "median-µs")
	b.ReportMetric(p, "unicode61-µs")
	b.ReportMetric(o/p, "times")
	b.ReportMetric(0, "ns/op")
}

// indexTexts returns the texts of the archive, or makes up some of words as
// frequent as people's.
func indexTexts(b *testing.B) []string {
	texts := Archived(b)
	if texts != nil {
		return texts
	}
	random := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(random, 1.1, 3, 20_000)
	for range 50_000 {
		var words []string
		for range 2 + int(random.ExpFloat64()*9) {
			words = append(words, fmt.Sprintf("w%dx", zipf.Uint64()))
		}
		texts = append(texts, strings.Join(words, " "))
	}
	return texts
}
