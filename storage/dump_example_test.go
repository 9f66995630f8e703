package storage_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/storage"
)

// A dump of one store becomes another one, of whatever backend.
func ExampleDump() {
	ctx := context.Background()
	from := memory.New(nil)
	defer from.Close()
	room := storage.Room{Name: "kitchen"}
	if err := from.CreateRoom(ctx, &room); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := from.CreateMessage(ctx, &storage.Message{RoomID: room.ID, Body: "dinner at eight"}); err != nil {
		fmt.Println(err)
		return
	}

	var file bytes.Buffer // or an *os.File
	if _, err := storage.Dump(ctx, from, &file, storage.DumpOptions{Secrets: true}); err != nil {
		fmt.Println(err)
		return
	}

	to := memory.New(nil) // or a sqlite.Store
	defer to.Close()
	if _, err := storage.Load(ctx, to, &file, storage.LoadOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	page, err := to.Messages(ctx, storage.MessageQuery{Room: room.ID})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range page.Items {
		fmt.Println(m.Seq, m.Body)
	}
	// Output: 1 dinner at eight
}

// What is wrong with a dump is told by its line. What was stored before it is
// there, and Resume goes on behind it.
func ExampleLoad_refused() {
	ctx := context.Background()
	to := memory.New(nil)
	defer to.Close()
	dump := `{"dump":{"format":"lair","version":1,"secrets":false}}
{"config":{"key":"motd","type":"string","value":"welcome","updated_at":"2026-01-02T03:04:05Z"}}
{"config":{"key":"size","type":"integer","value":"large","updated_at":"2026-01-02T03:04:05Z"}}
`
	progress, err := storage.Load(ctx, to, bytes.NewReader([]byte(dump)), storage.LoadOptions{Batch: 1})
	fmt.Println(progress.Records, err)
	// Output: 1 load: line 3: Value: invalid: not an integer
}
