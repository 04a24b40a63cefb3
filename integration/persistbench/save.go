package main

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// The bars: our time as a share of redis-server's.
const (
	saveBar = 0.5
	loadBar = 0.6
)

func (b *bench) measureSaves(ctx context.Context) error {
	b.comparedHead("BGSAVE and load, s", "redistill", "redis-server")
	for _, kind := range kinds {
		for _, v := range variants {
			if !chosen(b.kinds, kind) || !chosen(b.variants, v.name) {
				continue
			}
			if err := b.compareSaves(ctx, kind, v); err != nil {
				return fmt.Errorf("%s values, %s: %w", kind, v.name, err)
			}
		}
	}
	return nil
}

// timing is what one server took.
type timing struct {
	save, load       []float64 // s, of each round
	saveCPU, loadCPU []float64 // s that the server used, forks included
	size             int64     // bytes on disk
}

// compareSaves lets both servers save in turns, and then load in turns. Whoever
// does not, is idle or not running.
func (b *bench) compareSaves(ctx context.Context, kind string, v variant) error {
	var ours, theirs timing
	ourDir, err := b.freshDir("ours")
	if err != nil {
		return err
	}
	theirDir, err := b.freshDir("theirs")
	if err != nil {
		return err
	}
	startOurs := func(dir string) func() (*harness.Server, error) {
		return func() (*harness.Server, error) { return b.startOurs(ctx, v, dir) }
	}
	startTheirs := func() (*harness.Server, error) { return b.startRedis(ctx, v.peer, theirDir) }
	content := newValues(kind, b.value)

	us, err := b.filled(ctx, startOurs(ourDir), content)
	if err != nil {
		return err
	}
	defer func() { _ = us.Kill() }() // only its temporary directory could remain
	them, err := b.filled(ctx, startTheirs, content)
	if err != nil {
		return err
	}
	defer func() { _ = them.Kill() }()
	for round := range b.rounds {
		if round > 0 && v.incremental {
			_ = us.Kill()
			if ourDir, err = b.freshDir("ours"); err != nil {
				return err
			}
			next, err := b.filled(ctx, startOurs(ourDir), content)
			if err != nil {
				return err
			}
			us = next
		}
		if err := ours.addSave(ctx, us); err != nil {
			return err
		}
		if err := theirs.addSave(ctx, them); err != nil {
			return err
		}
		b.say("%s, %s, round %d: BGSAVE %.2f s and %.2f s", kind, v.name, round+1, ours.save[round], theirs.save[round])
	}
	if ours.size, err = diskUse(ourDir); err != nil {
		return err
	}
	if theirs.size, err = diskUse(theirDir); err != nil {
		return err
	}
	_, _ = us.Kill(), them.Kill()
	for round := range b.rounds {
		if err := b.addLoad(ctx, startOurs(ourDir), &ours); err != nil {
			return err
		}
		if err := b.addLoad(ctx, startTheirs, &theirs); err != nil {
			return err
		}
		b.say("%s, %s, round %d: load %.2f s and %.2f s", kind, v.name, round+1, ours.load[round], theirs.load[round])
	}
	title := fmt.Sprintf("%s, %s, rdbcompression %s", kind, v.name, v.peer)
	b.compared("BGSAVE "+title, "%12.2f", ours.save, theirs.save, saveBar)
	b.informed("       cpu", "%12.2f", ours.saveCPU, theirs.saveCPU)
	b.compared("load   "+title, "%12.2f", ours.load, theirs.load, loadBar)
	b.informed("       cpu", "%12.2f", ours.loadCPU, theirs.loadCPU)
	b.print("  %-44s%12d%12d\n", "MiB on disk", ours.size>>20, theirs.size>>20)
	return nil
}

// filled starts a server and sets all keys.
func (b *bench) filled(ctx context.Context, start func() (*harness.Server, error), v *values) (*harness.Server, error) {
	s, err := start()
	if err != nil {
		return nil, err
	}
	if err := b.fillAll(ctx, s, v); err != nil {
		_ = s.Kill() // the error is the one that matters
		return nil, err
	}
	return s, nil
}

func (t *timing) addSave(ctx context.Context, s *harness.Server) error {
	before, err := s.CPUOfAll()
	if err != nil {
		return err
	}
	took, err := bgsave(ctx, s)
	if err != nil {
		return err
	}
	after, err := s.CPUOfAll()
	t.save = append(t.save, took.Seconds())
	t.saveCPU = append(t.saveCPU, (after - before).Seconds())
	return err
}

// addLoad starts a server with its snapshot; it answers when it has loaded it.
func (b *bench) addLoad(ctx context.Context, start func() (*harness.Server, error), t *timing) error {
	begin := time.Now()
	s, err := start()
	if err != nil {
		return err
	}
	defer func() { _ = s.Kill() }() // only its temporary directory could remain
	t.load = append(t.load, time.Since(begin).Seconds())
	cpu, err := s.CPUOfAll()
	if err != nil {
		return err
	}
	t.loadCPU = append(t.loadCPU, cpu.Seconds())
	return b.checkSize(ctx, s)
}

// diskUse is the size of all files below a directory.
func diskUse(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}
