package lair_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
)

// What follows up to the next test stands in README.md too.

func chat(ctx context.Context, path string) error {
	store, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	defer store.Close()

	alice := storage.User{Username: "alice"}
	if err := store.CreateUser(ctx, &alice); err != nil {
		return err
	}
	room := storage.Room{Name: "kitchen", CreatorID: alice.ID} // alice is its owner now
	if err := store.CreateRoom(ctx, &room); err != nil {
		return err
	}
	hello := storage.Message{RoomID: room.ID, AuthorID: alice.ID, Body: "Crème brûlée at eight!"}
	if _, err := store.CreateMessage(ctx, &hello); err != nil { // on disk once it returns
		return err
	}
	found, err := store.SearchMessages(ctx, storage.SearchQuery{Text: "creme brulee", Reader: alice.ID})
	if err != nil {
		return err
	}
	for _, match := range found.Items {
		fmt.Println(match.Message.Seq, match.Message.Body)
	}
	return nil
}

func Example() {
	dir, err := os.MkdirTemp("", "lair")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := chat(context.Background(), filepath.Join(dir, "chat.db")); err != nil {
		fmt.Println(err)
	}
	// Output: 1 Crème brûlée at eight!
}

func TestReadmeShowsTheExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	_, after, _ := strings.Cut(string(source), "\nfunc chat(")
	body, _, found := strings.Cut(after, "\n}\n")
	require.True(t, found)
	require.Contains(t, string(readme), "func chat("+body+"\n}\n")
}
