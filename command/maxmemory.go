package command

import (
	"bytes"
	"os"
	"path"
	"strconv"
	"strings"
)

// This file finds out how much memory there is, for a search that is not told how much to use: one
// that takes more does not end with a verdict, but is killed.

// availableMemory is the bytes that this process may take without anything being swapped or killed:
// what the machine has available, and what is left to each control group that the process is in. It is
// 0 where the system does not tell. root is the root of the file system.
func availableMemory(root string) uint64 {
	least := uint64(0)
	take := func(n uint64) {
		if least == 0 || n < least {
			least = max(n, 1)
		}
	}
	if n, ok := memAvailable(root); ok {
		take(n)
	}
	for _, g := range controlGroups(root) {
		limit, ok := number(g.folder + "/" + g.limit)
		if !ok {
			continue
		}
		used, _ := number(g.folder + "/" + g.used)
		take(limit - min(used, limit))
	}
	return least
}

// memAvailable reads /proc/meminfo.
func memAvailable(root string) (uint64, bool) {
	text, err := os.ReadFile(root + "/proc/meminfo")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "MemAvailable:" {
			n, err := strconv.ParseUint(f[1], 10, 44)
			return n << 10, err == nil
		}
	}
	return 0, false
}

// A controlGroup is the files that say how much memory a group may use, and uses.
type controlGroup struct{ folder, limit, used string }

// controlGroups are the groups of this process and those above them, of both versions of control
// groups. In a container the names of the groups may be those outside, so the root is always among
// them.
func controlGroups(root string) (groups []controlGroup) {
	text, err := os.ReadFile(root + "/proc/self/cgroup")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		part := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(part) != 3 {
			continue
		}
		g := controlGroup{root + "/sys/fs/cgroup", "memory.max", "memory.current"}
		switch part[1] {
		case "":
		case "memory":
			g = controlGroup{root + "/sys/fs/cgroup/memory", "memory.limit_in_bytes",
				"memory.usage_in_bytes"}
		default:
			continue
		}
		mount := g.folder
		for dir := path.Clean("/" + part[2]); ; dir = path.Dir(dir) {
			g.folder = path.Join(mount, dir)
			groups = append(groups, g)
			if dir == "/" {
				break
			}
		}
	}
	return groups
}

// number reads a file that has one number; "max" is none.
func number(name string) (uint64, bool) {
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 64)
	return n, err == nil
}
