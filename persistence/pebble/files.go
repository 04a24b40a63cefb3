package pebble

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/record"
)

// Names of Pebble's files, or what they begin with.
const (
	manifestMarker = "marker.manifest."
	formatMarker   = "marker.format-version."
	manifestPrefix = "MANIFEST-"
	optionsPrefix  = "OPTIONS-"
	currentName    = "CURRENT" // of stores of other programs
)

// files are those in the directory that say what kind of store it is.
type files struct {
	names    []string
	manifest string // that the marker names, "": there is no marker
	format   bool   // the marker of the format is there
	options  string // the newest file of options, "": there is none
	record   bool
	tables   []string // tables, and blobs, which this server has none of
}

// listing lists the directory.
func (b *Backend) listing() (f files, err error) {
	if f.names, err = b.fs.List(b.dir); err != nil {
		return f, err
	}
	newest, marked := uint64(0), uint64(0)
	for _, name := range f.names {
		switch {
		case strings.HasPrefix(name, manifestMarker):
			number, manifest, _ := strings.Cut(name[len(manifestMarker):], ".")
			if n, err := strconv.ParseUint(number, 10, 64); err == nil && n >= marked {
				marked, f.manifest = n, manifest
			}
		case strings.HasPrefix(name, formatMarker):
			f.format = true
		case strings.HasPrefix(name, optionsPrefix):
			if n, err := strconv.ParseUint(name[len(optionsPrefix):], 10, 64); err == nil && n >= newest {
				newest, f.options = n, name
			}
		case name == stateName:
			f.record = true
		case strings.HasSuffix(name, tableSuffix), strings.HasSuffix(name, blobSuffix):
			f.tables = append(f.tables, name)
		}
	}
	return f, nil
}

// has says whether a file is in the directory.
func (f files) has(name string) bool {
	for _, n := range f.names {
		if n == name {
			return true
		}
	}
	return false
}

// tableNumber is the number in the name of a table.
func tableNumber(name string) (uint64, bool) { return numberIn(name, tableSuffix) }

// numberIn is the number that the name consists of before the suffix.
func numberIn(name, suffix string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, ok && err == nil
}

// checkManifest looks whether the manifest is whole up to its end, which need
// not be so after a power cut. Pebble does not tell.
func (b *Backend) checkManifest(name string) (err error) {
	f, err := b.fs.Open(b.fs.PathJoin(b.dir, name))
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, f.Close()) }()
	r := record.NewReader(f, 0)
	for {
		at := r.Offset()
		edit, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			_, err = io.Copy(io.Discard, edit)
		}
		if err != nil {
			return fmt.Errorf("damaged or cut short at offset %d", at)
		}
	}
}

// checkOptions looks whether Pebble would take its own file of options.
func (b *Backend) checkOptions(name string) error {
	text, err := b.read(name)
	if err != nil {
		return err
	}
	if len(text) == 0 {
		return errors.New("it is empty")
	}
	options := b.options()
	options.EnsureDefaults()
	return options.CheckCompatibility(b.dir, string(text))
}
