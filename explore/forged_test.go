package explore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/machine"
	"ctcheck/model"
)

// This file forges checkpoints: files with a right checksum that no search wrote.

// A forgery is a checkpoint taken apart.
type forgery struct {
	format byte
	header map[string]json.RawMessage
	body   []byte
}

const headerAt = len("ctcheck checkpoint\n") + 1 + 8

func takeApart(t *testing.T, file string) forgery {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	end := headerAt + int(binary.LittleEndian.Uint64(data[headerAt-8:]))
	f := forgery{format: data[headerAt-9], body: data[end : len(data)-sha256.Size]}
	if err := json.Unmarshal(data[headerAt:end], &f.header); err != nil {
		t.Fatal(err)
	}
	return f
}

// write puts the checkpoint together again, with a right checksum.
func (f forgery) write(t *testing.T, file string) {
	t.Helper()
	var fields []string // not all of which need be JSON
	for name, value := range f.header {
		fields = append(fields, fmt.Sprintf("%q:%s", name, value))
	}
	text := "{" + strings.Join(fields, ",") + "}"
	data := append([]byte("ctcheck checkpoint\n"), f.format)
	data = binary.LittleEndian.AppendUint64(data, uint64(len(text)))
	data = slices.Concat(data, []byte(text), f.body)
	sum := sha256.Sum256(data)
	if err := os.WriteFile(file, append(data, sum[:]...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// with is the forgery with another value of one field.
func (f forgery) with(field, value string) forgery {
	f.header = maps.Clone(f.header)
	f.header[field] = json.RawMessage(value)
	return f
}

func (f forgery) field(t *testing.T, name string, to any) {
	t.Helper()
	if err := json.Unmarshal(f.header[name], to); err != nil {
		t.Fatal(err)
	}
}

// A forger resumes forged checkpoints of one search, and holds what comes of it against the search itself.
type forger struct {
	m          *machine.Machine
	o          explore.Options // of the search
	file       string
	want       string // the outcome of the search
	real       forgery
	refused    int
	unbothered int // forgeries that say the same
}

// try resumes a forged checkpoint: it is refused in a line, or the search ends as it should.
func (f *forger) try(t *testing.T, what string, forged forgery) {
	t.Helper()
	forged.write(t, f.file)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	o := f.o
	o.Resume, o.Workers = f.file, 1+f.refused%3
	r, err := explore.RunMachine(ctx, f.m, o)
	switch {
	case err != nil && strings.Contains(err.Error(), "\n"):
		t.Errorf("%s: more than a line: %q", what, err)
	case err != nil:
		f.refused++
	case outcome(r) != f.want:
		h, _ := json.Marshal(forged.header)
		t.Errorf("%s: forged\n%swithout\n%s%s", what, outcome(r), f.want, h)
	default:
		f.unbothered++
	}
}

var forgedNumbers = []string{"-1", "0", "1", "2", "3", "5", "8", "64", "255", "256", "1000000000",
	"4611686018427387904", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1e3", `"3"`,
	"null", "[]", "{}", "true", "false"}

// fields forges every field of the header.
func (f *forger) fields(t *testing.T) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(f.real.header)) {
		values := slices.Clone(forgedNumbers)
		for _, x := range forgedNumbers {
			for _, y := range forgedNumbers[:14] {
				if name == "When" {
					values = append(values, fmt.Sprintf(`{"%s":%s}`, x, y))
				}
			}
			switch name {
			case "Queues", "Room", "Pruned":
				values = append(values, "["+x+"]", "["+x+",0]", "[0,"+x+"]", "[0,0,"+x+"]", "["+x+",0,0]",
					"[0,"+x+",0]", "["+x+","+x+","+x+"]")
			}
		}
		values = append(values, `"terminates"`, strings.Repeat("[", 1<<16), `"a\nb"`,
			`[{"Name":"reduce","Value":"a\nb"}]`)
		for _, v := range values {
			f.try(t, name+" = "+v, f.real.with(name, v))
		}
	}
}

// numbers forges the numbers of a header by one, and by a bit.
func (f *forger) numbers(t *testing.T) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(f.real.header)) {
		var n uint64
		if json.Unmarshal(f.real.header[name], &n) != nil {
			continue
		}
		for bit := 0; bit < 64; bit += 1 + bit/4 {
			f.try(t, fmt.Sprint(name, " bit ", bit), f.real.with(name, fmt.Sprint(n^1<<bit)))
		}
		f.try(t, name+" + 1", f.real.with(name, fmt.Sprint(n+1)))
		f.try(t, name+" - 1", f.real.with(name, fmt.Sprint(n-1)))
	}
	var when map[int]int
	f.real.field(t, "When", &when)
	var failed uint64
	f.real.field(t, "Failed", &failed)
	for p := range 8 {
		for steps := range 8 {
			w := maps.Clone(when)
			w[p] = steps
			text, _ := json.Marshal(w)
			forged := f.real.with("When", string(text))
			f.try(t, fmt.Sprint("When ", w), forged)
			f.try(t, fmt.Sprint("When and Failed ", w), forged.with("Failed", fmt.Sprint(failed|1<<p)))
			delete(w, p)
			text, _ = json.Marshal(w)
			f.try(t, fmt.Sprint("less Failed ", w), f.real.with("When", string(text)).with("Failed",
				fmt.Sprint(failed&^(1<<p))))
		}
	}
}

// bodies forges the states.
func (f *forger) bodies(t *testing.T, rnd *rand.Rand) {
	t.Helper()
	var states uint64
	f.real.field(t, "States", &states)
	size := 1 + 8*f.m.Words()
	for range 100 {
		forged := f.real
		forged.body = bytes.Clone(f.real.body)
		what := "a byte"
		switch at := rnd.IntN(len(forged.body)); rnd.IntN(5) {
		case 0:
			forged.body[at] ^= 1 << rnd.IntN(8)
		case 1:
			what = "random bytes"
			for i := range forged.body {
				forged.body[i] = byte(rnd.Uint32())
			}
		case 2:
			what = "a state twice"
			i, j := rnd.IntN(int(states)), rnd.IntN(int(states))
			copy(forged.body[i*size:(i+1)*size], forged.body[j*size:(j+1)*size])
		case 3:
			what = "a state less"
			i := rnd.IntN(int(states)) * size
			forged.body = slices.Delete(forged.body, i, i+size)
			forged = forged.with("States", fmt.Sprint(states-1))
		case 4:
			what = "none that waits"
			forged.body = forged.body[:int(states)*size]
			forged = forged.with("Queues", "[0,0,0]")
			if depth := 0; rnd.IntN(2) == 0 {
				f.real.field(t, "Depth", &depth)
				forged = forged.with("Depth", fmt.Sprint(depth+1)).with("Midway", "false")
				forged = forged.with("NewFailed", "0").with("NewStuck", "0")
			}
		}
		f.try(t, what, forged)
	}
}

// Whatever a checkpoint says, with whatever checksum, it is refused or the search ends as it should: under both
// memory models, with and without reductions, in the middle of a layer and between two.
func TestForgedCheckpoints(t *testing.T) {
	if testing.Short() {
		t.Skip("under the race detector, TestResumedSearchesEndAlike is what resumes searches")
	}
	file := filepath.Join(t.TempDir(), "file")
	rnd := rand.New(rand.NewPCG(7, 8))
	kinds := []struct {
		name    string
		machine func(seed uint64) *machine.Machine
		reduce  explore.Reductions
	}{
		{"random", randomMachine, 0},
		{"tso", bufferedMachine, 0},
		{"twins", twinMachine, explore.Symmetry},
		{"por", randomMachine, explore.PartialOrder | explore.Symmetry},
	}
	for _, kind := range kinds {
		f := &forger{file: file, o: explore.Options{Search: explore.BreadthFirst, Reduce: kind.reduce}}
		for seed, n := uint64(6000), 0; n < 2; seed++ { // two cuts of each program
			if f.m = kind.machine(seed); f.m == nil {
				continue
			}
			full := search(context.Background(), t, f.m, f.o)
			if full.States > 1000 { // each forgery may be searched to the end
				continue
			}
			f.want = outcome(full)
			for _, most := range []uint64{full.States / 3, full.States * 3 / 4} {
				o := f.o
				o.Checkpoint, o.MaxStates, o.Workers = file, most, 2
				if r := search(context.Background(), t, f.m, o); r.Search.Checkpoint == "" {
					continue
				}
				n++
				f.real = takeApart(t, file)
				if n == 1 && kind.reduce == 0 {
					f.fields(t)
				}
				f.numbers(t)
				f.bodies(t, rnd)
			}
		}
		if f.refused < 200 || f.unbothered == 0 {
			t.Errorf("%s: %d forgeries were refused, %d said the same", kind.name, f.refused, f.unbothered)
		}
	}
}

// bufferedMachine is a program of some hundred states under TSO; nil if the seed gives none.
func bufferedMachine(seed uint64) *machine.Machine {
	p, ms := plain.Random(seedBytes(seed))
	m, err := machine.Compile(machine.Options{Memory: model.TSO, BufferSizes: slices.Repeat([]int{2}, len(p.CPUs))},
		p, ms...)
	if err != nil {
		return nil
	}
	r, err := explore.RunMachine(context.Background(), m, explore.Options{MaxStates: 1000})
	if err != nil || r.States < 20 || r.States > 900 {
		return nil
	}
	return m
}
