package sqlite

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var benchArchive = flag.String("bench.archive", "",
	"a .tar.gz of chat logs in entries of four lines (time, name, message, nothing): what the messages of benchmarks say")

// Archived returns the messages of the archive, if there is one.
func Archived(b *testing.B) (texts []string) {
	if *benchArchive == "" {
		return nil
	}
	file, err := os.Open(*benchArchive)
	require.NoError(b, err)
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	require.NoError(b, err)
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return texts
		}
		require.NoError(b, err)
		if header.Typeflag != tar.TypeReg {
			continue
		}
		log, err := io.ReadAll(files)
		require.NoError(b, err)
		for i, line := range strings.Split(string(log), "\n") {
			if line = strings.ToValidUTF8(line, ""); i%4 == 2 && line != "" {
				texts = append(texts, line)
			}
		}
	}
}
