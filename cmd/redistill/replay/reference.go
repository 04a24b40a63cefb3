package replay

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
)

// Reference has the miss ratios of a simulator.
type Reference struct {
	ratios map[setting]map[string]float64
}

// setting is a trace and a size of the cache.
type setting struct {
	trace   string
	objects int
}

// ReadReference reads a CSV file with the columns trace, cache_objects, policy
// and miss_ratio, among others. No file is an empty reference.
func ReadReference(path string) (*Reference, error) {
	r := &Reference{ratios: map[setting]map[string]float64{}}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("replay: %s: %w", path, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("replay: %s is empty", path)
	}
	var columns [4]int
	for i, name := range []string{"trace", "cache_objects", "policy", "miss_ratio"} {
		if columns[i] = slices.Index(rows[0], name); columns[i] < 0 {
			return nil, fmt.Errorf("replay: %s has no column %s", path, name)
		}
	}
	for line, row := range rows[1:] {
		objects, err := strconv.Atoi(row[columns[1]])
		ratio, err2 := strconv.ParseFloat(row[columns[3]], 64)
		if err := errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("replay: %s, row %d: %w", path, line+2, err)
		}
		s := setting{row[columns[0]], objects}
		if r.ratios[s] == nil {
			r.ratios[s] = map[string]float64{}
		}
		r.ratios[s][row[columns[2]]] = ratio
	}
	return r, nil
}

// Sizes are the sizes of the cache that the reference has for a trace, in
// ascending order.
func (r *Reference) Sizes(trace string) []int {
	var sizes []int
	for s := range r.ratios {
		if s.trace == trace {
			sizes = append(sizes, s.objects)
		}
	}
	slices.Sort(sizes)
	return sizes
}

// peers are the simulator's names of our policies. What it has for the others
// is another algorithm.
var peers = map[string]string{
	"allkeys-lru":    "lru",
	"allkeys-lfu":    "redis_lfu5",
	"allkeys-random": "random",
	"allkeys-s3fifo": "s3fifo",
	"allkeys-sieve":  "sieve",
}

// Ratio is the simulator's miss ratio for one of our policies.
func (r *Reference) Ratio(trace string, objects int, policy string) (float64, bool) {
	ratio, ok := r.ratios[setting{trace, objects}][peers[policy]]
	return ratio, ok
}

// Best is the miss ratio of the optimum, Belady's, if the reference has it.
func (r *Reference) Best(trace string, objects int) (float64, bool) {
	ratio, ok := r.ratios[setting{trace, objects}]["belady"]
	return ratio, ok
}
