package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"

	"github.com/lairchat/lair/storage"
)

// account returns the user that a nickname stands for. The store takes
// usernames that differ in case only for one; a nickname that is no legal
// username (too long, letters of several scripts, symbols) gets a name made
// from a digest of it, the same whatever its case, and is kept as the display
// name.
func account(nick string) storage.User {
	u := storage.User{Username: nick}
	if u.Validate() == nil {
		return u
	}
	sum := sha256.Sum256([]byte(cases.Fold().String(nick)))
	return storage.User{
		Username: "irc-" + hex.EncodeToString(sum[:10]),
		Profile:  storage.Profile{DisplayName: displayName(nick)},
	}
}

// displayName returns the nickname as far as a display name can hold it.
func displayName(nick string) string {
	nick = strings.ReplaceAll(nick, "\x00", string(utf8.RuneError))
	for len(nick) > storage.MaxDisplayName {
		_, size := utf8.DecodeLastRuneInString(nick)
		nick = nick[:len(nick)-size]
	}
	return nick
}
